import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { marketSql } from './support/four-databases.js';
import { Postgres, postgresStrings } from './support/postgres.js';
import { prepared } from './support/prepared.js';
import { Product } from './support/product.js';
import { PythonClient } from './support/python.js';
import { until } from './support/until.js';

interface Table {
  readonly table_name: string;
  readonly table_type: string;
  readonly table_columns: { readonly column_name: string }[] | null;
}
interface Catalog {
  readonly catalog_name: string;
  readonly catalog_db_schemas:
    { readonly db_schema_name: string; readonly db_schema_tables: Table[] | null }[] | null;
}

const manyTables = `
  CREATE SCHEMA many;
  DO $$ BEGIN
    FOR i IN 1..2000 LOOP
      EXECUTE format('CREATE TABLE many.%I (id integer PRIMARY KEY, name text)', 't_' || lpad(i::text, 4, '0'));
    END LOOP;
  END $$;
  CREATE TABLE many."100%_sure" (id integer);
  CREATE TABLE many."tx0001" (id integer)`;

const { python, servers } = prepared;
const describeWithBoth = python && servers.postgres ? describe : describe.skip;

describeWithBoth('What ADBC tells of DuckDB, SQLite and a PostgreSQL with 2,000 tables', () => {
  let postgres: Postgres | undefined;
  let product: Product | undefined;
  beforeAll(async () => {
    postgres = await Postgres.start(`${marketSql}; ${manyTables}`);
    const connection_string = postgresStrings.url(postgres.login('reader'));
    const databases = [...prepared.databases, { alias: 'pg', type: 'postgres', connection_string }];
    product = await Product.start({}, { databases });
  }, 120_000);
  afterAll(async () => {
    await product?.stop();
    await postgres?.remove();
  });

  type Call = readonly [method: string, args: object];
  async function ask(calls: readonly Call[], statements: string[] = [], user = 'ada'): Promise<unknown[]> {
    const task = { ...product!.access(user), statements, calls };
    const answers = await new PythonClient('catalog_adbc.py', task).ended();
    return answers.map((each) => (each as { answer?: unknown }).answer ?? each);
  }
  const objects = async (args: object, statements: string[] = []): Promise<Catalog[]> =>
    (await ask([['adbc_get_objects', args]], statements))[0] as Catalog[];

  /** `catalog.schema.table` of all tables. */
  const names = (catalogs: Catalog[]) =>
    catalogs
      .flatMap(({ catalog_name, catalog_db_schemas }) =>
        (catalog_db_schemas ?? []).flatMap(({ db_schema_name, db_schema_tables }) =>
          (db_schema_tables ?? []).map(({ table_name }) => `${catalog_name}.${db_schema_name}.${table_name}`),
        ),
      )
      .toSorted();

  it('catalogs: the attached databases by their aliases, and none of DuckDB itself', async () => {
    const catalogs = await objects({ depth: 'catalogs' });
    const told = catalogs.map(({ catalog_name }) => catalog_name);
    expect(told).toEqual(expect.arrayContaining(['memory', 'pg', 'shop', 'town']));
    expect(told.filter((name) => name.startsWith('__'))).toEqual([]);
    expect(catalogs.every(({ catalog_db_schemas }) => catalog_db_schemas === null)).toBe(true);
  });

  it('schemas, by catalog and pattern', async () => {
    const schemas = (catalogs: Catalog[]) =>
      catalogs.flatMap(({ catalog_db_schemas }) =>
        (catalog_db_schemas ?? []).map(({ db_schema_name }) => db_schema_name),
      );
    const all = schemas(await objects({ depth: 'db_schemas', catalog_filter: 'pg' }));
    expect(all).toEqual(expect.arrayContaining(['crm', 'many', 'public']));
    expect(
      schemas(await objects({ depth: 'db_schemas', catalog_filter: 'pg', db_schema_filter: 'c_m' })),
    ).toEqual(['crm']);
    expect(schemas(await objects({ depth: 'db_schemas', catalog_filter: 'town' }))).toEqual(['main']);
  });

  it('tables of all databases', async () => {
    const tables = names(await objects({ depth: 'tables' }));
    expect(tables).toEqual(
      expect.arrayContaining([
        'pg.crm.cards',
        'pg.crm.good_cards',
        'pg.public.visits',
        'shop.main.orders',
        'town.main.customers',
      ]),
    );
    expect(tables.filter((name) => name.startsWith('pg.many.'))).toHaveLength(2002);
  });

  it.each([
    ['t\\_000_', 9],
    ['t\\_%', 2000],
    ['t_0001', 2],
    ['100\\%\\_sure', 1],
    ['T\\_0001', 0],
    ['', 0],
    ['%', 2002],
  ])('tables by the pattern "%s"', async (pattern, count) => {
    const filter = { catalog_filter: 'pg', db_schema_filter: 'many', table_name_filter: pattern };
    expect(names(await objects({ depth: 'tables', ...filter }))).toHaveLength(count);
  });

  it('tables by their type', async () => {
    const [types] = (await ask([['adbc_get_table_types', {}]])) as [string[]];
    expect(types).toEqual(expect.arrayContaining(['VIEW']));
    const filter = { depth: 'tables', db_schema_filter: 'main' };
    const views = await objects({ ...filter, table_types_filter: ['VIEW'] }, [
      'CREATE VIEW iced AS SELECT * FROM shop.drinks WHERE iced',
    ]);
    expect(names(views)).toEqual(['memory.main.iced']);
    await objects(filter, ['DROP VIEW iced']);
    const base = types.filter((type) => /^(BASE )?TABLE$/.test(type));
    expect(base).toHaveLength(1);
    const tables = await objects({ ...filter, catalog_filter: 'shop', table_types_filter: base });
    expect(names(tables)).toEqual(['shop.main.branches', 'shop.main.drinks', 'shop.main.orders']);
  });

  it('columns of all 2,000 tables, within one call', async () => {
    const [catalog] = await objects({
      depth: 'all',
      catalog_filter: 'pg',
      db_schema_filter: 'many',
      table_name_filter: 't\\_%',
    });
    const tables = catalog!.catalog_db_schemas!.flatMap(({ db_schema_tables }) => db_schema_tables!);
    expect(tables).toHaveLength(2000);
    expect(
      tables.every(
        ({ table_columns }) => table_columns!.map(({ column_name }) => column_name).join() === 'id,name',
      ),
    ).toBe(true);
  });

  it('the schema of a table, as a query over it has it', async () => {
    const of = (name: string, catalog: string, schema: string): Call => [
      'adbc_get_table_schema',
      { table_name: name, catalog_filter: catalog, db_schema_filter: schema },
    ];
    const told = await ask([
      of('cards', 'pg', 'crm'),
      of('customers', 'town', 'main'),
      of('drinks', 'shop', 'main'),
    ]);
    expect(told).toEqual([
      [
        ['card', 'string'],
        ['discount', 'decimal128(4, 2)'],
        ['since', 'date32[day]'],
      ],
      [
        ['customer_id', 'int64'],
        ['name', 'string'],
        ['city', 'string'],
        ['born', 'int64'],
        ['card', 'string'],
      ],
      [
        ['drink_id', 'int16'],
        ['drink', 'string'],
        ['iced', 'bool'],
        ['price', 'decimal128(6, 2)'],
      ],
    ]);
  });

  it('what has just been made: by the user, and in PostgreSQL', async () => {
    const mine = { depth: 'tables', catalog_filter: 'memory' };
    expect(names(await objects(mine))).toEqual([]);
    expect(names(await objects(mine, ['CREATE TABLE fresh (i INTEGER)']))).toEqual(['memory.main.fresh']);
    expect(names(await objects(mine, ['DROP TABLE fresh']))).toEqual([]);
    const theirs = { depth: 'tables', catalog_filter: 'pg', db_schema_filter: 'public' };
    expect(names(await objects(theirs))).toEqual(['pg.public.visits']);
    await postgres!.run('CREATE TABLE public.fresh (i integer)');
    await until(
      'the new table is listed',
      async () => names(await objects(theirs)).includes('pg.public.fresh'),
      40_000,
    );
  });
});

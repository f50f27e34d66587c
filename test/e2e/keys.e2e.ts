import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CommandGetCrossReferenceSchema,
  CommandGetExportedKeysSchema,
  CommandGetImportedKeysSchema,
  CommandGetPrimaryKeysSchema,
  CommandGetTablesSchema,
} from '../../libs/flight-sql/src/gen/arrow/flight/protocol/FlightSql_pb.js';
import { FlightClient } from './support/flight.js';
import { Mariadb, mariadbStrings } from './support/mariadb.js';
import { Postgres, postgresStrings } from './support/postgres.js';
import { prepared } from './support/prepared.js';
import { Product } from './support/product.js';

/** Two tables of which one refers to the other by two columns, in the SQL that PostgreSQL, MariaDB and SQLite share. */
const tables = (schema: string, rules: string) => `
  CREATE TABLE ${schema}branches (city varchar(20) NOT NULL, street varchar(20) NOT NULL, PRIMARY KEY (street, city));
  CREATE TABLE ${schema}staff (id integer PRIMARY KEY, in_city varchar(20), in_street varchar(20),
    CONSTRAINT works_at FOREIGN KEY (in_street, in_city) REFERENCES ${schema}branches (street, city) ${rules});
  CREATE VIEW ${schema}people AS SELECT id FROM ${schema}staff;`;

const postgresSql = `
  CREATE SCHEMA hr; ${tables('hr.', 'ON UPDATE CASCADE ON DELETE SET NULL')}
  CREATE TABLE "od""d's" (id integer CONSTRAINT "k'ey" PRIMARY KEY, boss integer REFERENCES "od""d's" ON DELETE SET DEFAULT);
  CREATE MATERIALIZED VIEW hr.kept AS SELECT id FROM hr.staff`;
const sqliteSql = `${tables('', 'ON UPDATE RESTRICT ON DELETE CASCADE')}
  CREATE TABLE badges (id integer PRIMARY KEY, owner integer REFERENCES STAFF)`;

const makeFiles = `
import duckdb, sqlite3, sys
folder, sqlite, own = sys.argv[1:]
sqlite3.connect(folder + '/file.sqlite').executescript(sqlite)
duckdb.connect(folder + '/file.duckdb').execute(own)`;

const { python, servers } = prepared;
const describeWithAll = python && servers.postgres && servers.mariadb ? describe : describe.skip;

describeWithAll('Keys of PostgreSQL, MariaDB, SQLite and DuckDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  let postgres: Postgres | undefined;
  let mariadb: Mariadb | undefined;
  let product: Product | undefined;
  let client: FlightClient;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    execFileSync(python!, ['-c', makeFiles, folder, sqliteSql, tables('', '')]);
    postgres = await Postgres.start(postgresSql);
    mariadb = await Mariadb.start(tables('', 'ON UPDATE NO ACTION ON DELETE CASCADE'));
    const databases = [
      { alias: 'pg', type: 'postgres', connection_string: postgresStrings.url(postgres.login('reader')) },
      { alias: 'my', type: 'mysql', connection_string: mariadbStrings.url(mariadb.login('reader')) },
      { alias: 'lite', type: 'sqlite', connection_string: join(folder, 'file.sqlite') },
      { alias: 'duck', type: 'duckdb', connection_string: join(folder, 'file.duckdb') },
    ];
    product = await Product.start({}, { databases });
    client = new FlightClient(product.grpcPort, product.token('ada'));
  }, 120_000);
  afterAll(async () => {
    client?.close();
    await product?.stop();
    await Promise.all([postgres?.remove(), mariadb?.remove()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Rows without the names of columns, which the unit specs check. */
  const values = (rows: Record<string, unknown>[]) => rows.map((row) => Object.values(row));

  type Source = [string, string, string, string, number, number];
  const sources: Source[] = [
    ['pg', 'hr', 'branches_pkey', 'works_at', 0, 2],
    ['my', 'stock', 'PRIMARY', 'works_at', 3, 0],
    ['lite', 'main', 'branches_street_city_pkey', 'staff_in_street_in_city_fkey', 1, 0],
    ['duck', 'main', 'branches_street_city_pkey', 'staff_in_street_in_city_street_city_fkey', 3, 3],
  ];

  it.each(sources)('primary keys in %s, in the order of the key', async (catalog, schema, key) => {
    const rows = await client.list(CommandGetPrimaryKeysSchema, { catalog, table: 'branches' });
    expect(values(rows)).toEqual([
      [catalog, schema, 'branches', 'street', 1, key],
      [catalog, schema, 'branches', 'city', 2, key],
    ]);
  });

  it('primary keys of all catalogs at once', async () => {
    const rows = await client.list(CommandGetPrimaryKeysSchema, { table: 'staff' });
    expect(
      rows.map((row) => `${row['catalog_name']}.${row['db_schema_name']}.${row['column_name']}`),
    ).toEqual(['duck.main.id', 'lite.main.id', 'my.stock.id', 'pg.hr.id']);
  });

  it.each(sources)(
    'foreign keys in %s, from both ends and between, with their rules',
    async (catalog, schema, key, reference, onUpdate, onDelete) => {
      const pair = (column: string, sequence: number) => [
        catalog,
        schema,
        'branches',
        column,
        catalog,
        schema,
        'staff',
        `in_${column}`,
        sequence,
        reference,
        key,
        onUpdate,
        onDelete,
      ];
      const both = [pair('street', 1), pair('city', 2)];
      const pk = { pkCatalog: catalog, pkDbSchema: schema, pkTable: 'branches' };
      const fk = { fkCatalog: catalog, fkDbSchema: schema, fkTable: 'staff' };
      const [exported, imported, between, other] = [
        await client.list(CommandGetExportedKeysSchema, { catalog, table: 'branches' }),
        await client.list(CommandGetImportedKeysSchema, { catalog, dbSchema: schema, table: 'staff' }),
        await client.list(CommandGetCrossReferenceSchema, { ...pk, ...fk }),
        await client.list(CommandGetCrossReferenceSchema, { ...pk, ...fk, fkTable: 'branches' }),
      ];
      expect([values(exported), values(imported), values(between), other]).toEqual([both, both, both, []]);
    },
  );

  it('names with quotes, and keys that refer to their own table', async () => {
    const table = `od"d's`;
    const [primary] = values(await client.list(CommandGetPrimaryKeysSchema, { catalog: 'pg', table }));
    expect(primary).toEqual(['pg', 'public', table, 'id', 1, "k'ey"]);
    const [imported] = values(await client.list(CommandGetImportedKeysSchema, { catalog: 'pg', table }));
    expect(imported).toEqual([
      'pg',
      'public',
      table,
      'id',
      'pg',
      'public',
      table,
      'boss',
      1,
      `od"d's_boss_fkey`,
      "k'ey",
      3,
      4,
    ]);
    for (const hostile of [`x' OR 1=1 --`, `x''); DROP TABLE staff; --`])
      expect(await client.list(CommandGetPrimaryKeysSchema, { catalog: hostile, table: hostile })).toEqual(
        [],
      );
  });

  it('what SQLite is only told by half: the table in other letters, no columns', async () => {
    const [owner] = values(
      await client.list(CommandGetImportedKeysSchema, { catalog: 'lite', table: 'badges' }),
    );
    expect(owner).toEqual([
      'lite',
      'main',
      'staff',
      'id',
      'lite',
      'main',
      'badges',
      'owner',
      1,
      'badges_owner_fkey',
      'staff_id_pkey',
      3,
      3,
    ]);
  });

  it('views of all four are views', async () => {
    const views = await client.list(CommandGetTablesSchema, { tableTypes: ['VIEW'] });
    expect(
      views.map((row) => `${row['catalog_name']}.${row['db_schema_name']}.${row['table_name']}`),
    ).toEqual(['duck.main.people', 'lite.main.people', 'my.stock.people', 'pg.hr.kept', 'pg.hr.people']);
    const listed = await client.list(CommandGetTablesSchema, {
      tableTypes: ['TABLE'],
      tableNameFilterPattern: 'people',
    });
    expect(listed).toEqual([]);
  });

  it('a server that is down is named where it is asked, and the other databases answer', async () => {
    await mariadb!.stop();
    await client.update('CREATE TABLE forget_what_is_known (i INTEGER)');
    const ask = (catalog?: string) =>
      client.list(CommandGetPrimaryKeysSchema, { table: 'branches', ...(catalog && { catalog }) });
    const refusal = { code: 14, message: expect.stringContaining('database "my" (MySQL) is not available') };
    await expect(ask('my')).rejects.toMatchObject(refusal);
    await expect(ask()).rejects.toMatchObject(refusal);
    expect(await ask('pg')).toHaveLength(2);
    expect(await ask('lite')).toHaveLength(2);
    expect(await ask('duck')).toHaveLength(2);
    await mariadb!.start();
    expect(await ask('my')).toHaveLength(2);
    expect(await ask()).toHaveLength(8);
  }, 60_000);
});

import { type MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CommandGetCatalogsSchema,
  CommandGetDbSchemasSchema,
  CommandGetTablesSchema,
  CommandGetTableTypesSchema,
  packAny,
} from '@pondpilot/flight-sql';
import { tableFromIPC, type Schema } from 'apache-arrow';
import { EngineUnderTest, tableOf, ticketOf } from '../engine.harness.js';

let engine: EngineUnderTest;

beforeAll(async () => {
  engine = await EngineUnderTest.start();
});
afterAll(() => engine.close());

const ask = async (packed: Uint8Array) => tableOf(await engine.get(ticketOf(await engine.info(packed))));
const tables = async (filter: MessageInitShape<typeof CommandGetTablesSchema>) =>
  ask(packAny(CommandGetTablesSchema, filter));
const fieldsOf = ({ fields }: Schema) =>
  fields.map(({ name, type, nullable }) => `${name} ${String(type)}${nullable ? '' : ' not null'}`);
const columnsOf = async (tableNameFilterPattern: string) => {
  const [row] = (await tables({ tableNameFilterPattern, includeSchema: true })).toArray();
  return tableFromIPC(row?.['table_schema'] as Uint8Array).schema;
};

describe('schemas of the catalogue commands, as the specification has them', () => {
  const named = [
    'catalog_name Utf8',
    'db_schema_name Utf8',
    'table_name Utf8 not null',
    'table_type Utf8 not null',
  ];
  it.each([
    ['catalogs', packAny(CommandGetCatalogsSchema, {}), ['catalog_name Utf8 not null']],
    [
      'schemas',
      packAny(CommandGetDbSchemasSchema, {}),
      ['catalog_name Utf8', 'db_schema_name Utf8 not null'],
    ],
    ['tables', packAny(CommandGetTablesSchema, {}), named],
    [
      'tables with their columns',
      packAny(CommandGetTablesSchema, { includeSchema: true }),
      [...named, 'table_schema Binary not null'],
    ],
    ['table types', packAny(CommandGetTableTypesSchema, {}), ['table_type Utf8 not null']],
  ])('%s', async (_name, packed, fields) => {
    expect(fieldsOf((await ask(packed)).schema)).toEqual(fields);
  });
});

describe('columns of tables', () => {
  it('carry what XDBC clients read', async () => {
    await engine.query(`CREATE SEQUENCE numbers`);
    await engine.query(
      `CREATE TABLE "odd ""t'able.%" (id BIGINT NOT NULL DEFAULT nextval('numbers'), price DECIMAL(9, 2), "a b" VARCHAR,
         kinds ENUM('x', 'y'), lists INTEGER[])`,
    );
    const { fields } = await columnsOf('odd%');
    expect(
      fieldsOf({ fields } as Schema).map((field) => field.replace(/Dictionary.*/, 'Dictionary')),
    ).toEqual([
      'id Int64 not null',
      'price Decimal[9e+2]',
      'a b Utf8',
      'kinds Dictionary',
      'lists List<Int32>',
    ]);
    const metadata = fields.map((field) =>
      Object.fromEntries(
        [...field.metadata].map(([key, value]) => [key.replace('ARROW:FLIGHT:SQL:', ''), value]),
      ),
    );
    const table = { CATALOG_NAME: 'memory', SCHEMA_NAME: 'main', TABLE_NAME: `odd "t'able.%` };
    expect(metadata[0]).toEqual({
      ...table,
      TYPE_NAME: 'BIGINT',
      PRECISION: '19',
      SCALE: '0',
      IS_AUTO_INCREMENT: '1',
      IS_CASE_SENSITIVE: '0',
      IS_READ_ONLY: '0',
      IS_SEARCHABLE: '1',
    });
    expect(metadata[1]).toMatchObject({
      TYPE_NAME: 'DECIMAL',
      PRECISION: '9',
      SCALE: '2',
      IS_AUTO_INCREMENT: '0',
    });
    expect(metadata[2]).toMatchObject({ TYPE_NAME: 'VARCHAR', IS_CASE_SENSITIVE: '1' });
    expect(metadata[2]).not.toHaveProperty('PRECISION');
    expect(metadata.slice(3).map((each) => each['TYPE_NAME'])).toEqual(['ENUM', 'INTEGER[]']);
  });

  it('have the types that queries have, whatever the type', async () => {
    await engine.query('CREATE TABLE everything AS SELECT * FROM test_all_types()');
    const told = await columnsOf('everything');
    const queried = (await engine.query('FROM everything LIMIT 0')).schema;
    const types = ({ fields }: Schema) =>
      fields.map((field) => [field.name, String(field.type), field.metadata.get('ARROW:extension:name')]);
    expect(types(told)).toEqual(types(queried));
  });

  it('are none of a view that no longer fits; the others are told', async () => {
    await engine.query('CREATE TABLE base_gone AS SELECT 1 AS i');
    await engine.query('CREATE VIEW gone_view AS FROM base_gone');
    await engine.query('CREATE TABLE gone_not AS SELECT 2 AS i');
    await engine.query('DROP TABLE base_gone');
    const rows = (await tables({ tableNameFilterPattern: 'gone%', includeSchema: true })).toArray();
    const told = rows.map((row) => tableFromIPC(row['table_schema'] as Uint8Array).schema.names);
    expect(told).toEqual([['i'], []]);
  });
});

describe('table types', () => {
  it('hold every type that a listing has', async () => {
    await engine.query('CREATE VIEW typed_view AS SELECT 1');
    const told = (await ask(packAny(CommandGetTableTypesSchema, {}))).toArray();
    const types = new Set(told.map((row) => row['table_type']));
    const listed = (await tables({})).toArray().map((row) => row['table_type']);
    expect(listed).toEqual(expect.arrayContaining(['TABLE', 'VIEW']));
    expect(listed.filter((type) => !types.has(type))).toEqual([]);
  });
});

import { type MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CommandGetCrossReferenceSchema,
  CommandGetExportedKeysSchema,
  CommandGetImportedKeysSchema,
  CommandGetPrimaryKeysSchema,
  packAny,
} from '@pondpilot/flight-sql';
import { grpcStatus } from '@pondpilot/kernel';
import { EngineUnderTest, tableOf, ticketOf } from '../engine.harness.js';

let engine: EngineUnderTest;

beforeAll(async () => {
  const absent = {
    alias: 'absent',
    type: 'duckdb',
    readOnly: true,
    connectionString: '/nowhere/absent.duckdb',
  } as const;
  engine = await EngineUnderTest.start({ databases: [absent] });
  await engine.query('CREATE TABLE parents (a INT, b INT, name VARCHAR UNIQUE, PRIMARY KEY (b, a))');
  await engine.query('CREATE SCHEMA side');
  await engine.query('CREATE TABLE side.parents (id INT PRIMARY KEY)');
  await engine.query(
    `CREATE TABLE "kids' ""own" (id INT PRIMARY KEY, pb INT, pa INT, called VARCHAR REFERENCES parents (name),
       FOREIGN KEY (pb, pa) REFERENCES parents (b, a))`,
  );
  await engine.query('CREATE TABLE tree (id INT PRIMARY KEY, up INT REFERENCES tree (id))');
});
afterAll(() => engine?.close());

const ask = async (packed: Uint8Array) => tableOf(await engine.get(ticketOf(await engine.info(packed))));
const listed = async (packed: Uint8Array) => (await ask(packed)).toArray().map((row) => row.toJSON());
const primary = (init: MessageInitShape<typeof CommandGetPrimaryKeysSchema>) =>
  listed(packAny(CommandGetPrimaryKeysSchema, init));
const imported = (init: MessageInitShape<typeof CommandGetImportedKeysSchema>) =>
  listed(packAny(CommandGetImportedKeysSchema, init));

describe('schemas of keys, as the specification has them', () => {
  const fields = async (packed: Uint8Array) =>
    (await ask(packed)).schema.fields.map(
      ({ name, type, nullable }) => `${name} ${String(type)}${nullable ? '' : ' not null'}`,
    );

  it('primary keys', async () => {
    expect(await fields(packAny(CommandGetPrimaryKeysSchema, { table: 'none' }))).toEqual([
      'catalog_name Utf8',
      'db_schema_name Utf8',
      'table_name Utf8 not null',
      'column_name Utf8 not null',
      'key_sequence Int32 not null',
      'key_name Utf8',
    ]);
  });

  it.each([
    ['exported keys', packAny(CommandGetExportedKeysSchema, { table: 'none' })],
    ['imported keys', packAny(CommandGetImportedKeysSchema, { table: 'none' })],
    ['cross references', packAny(CommandGetCrossReferenceSchema, { pkTable: 'none', fkTable: 'none' })],
  ])('%s', async (_name, packed) => {
    expect(await fields(packed)).toEqual([
      'pk_catalog_name Utf8',
      'pk_db_schema_name Utf8',
      'pk_table_name Utf8 not null',
      'pk_column_name Utf8 not null',
      'fk_catalog_name Utf8',
      'fk_db_schema_name Utf8',
      'fk_table_name Utf8 not null',
      'fk_column_name Utf8 not null',
      'key_sequence Int32 not null',
      'fk_key_name Utf8',
      'pk_key_name Utf8',
      'update_rule Uint8 not null',
      'delete_rule Uint8 not null',
    ]);
  });
});

describe('primary keys', () => {
  const key = (
    schema: string,
    table_name: string,
    column_name: string,
    key_sequence: number,
    key_name: string,
  ) => ({
    catalog_name: 'memory',
    db_schema_name: schema,
    table_name,
    column_name,
    key_sequence,
    key_name,
  });

  it('come in the order of their columns, from all schemas where none is named', async () => {
    expect(await primary({ table: 'parents' })).toEqual([
      key('main', 'parents', 'b', 1, 'parents_b_a_pkey'),
      key('main', 'parents', 'a', 2, 'parents_b_a_pkey'),
      key('side', 'parents', 'id', 1, 'parents_id_pkey'),
    ]);
  });

  it.each([
    [{ dbSchema: 'side' }, 1],
    [{ catalog: 'memory', dbSchema: 'main' }, 2],
    [{ catalog: 'memory' }, 3],
    [{ catalog: '' }, 0],
    [{ dbSchema: '' }, 0],
    [{ catalog: 'other' }, 0],
    [{ dbSchema: `main' OR '1'='1` }, 0],
  ])('by %j', async (filter, count) => {
    expect(await primary({ table: 'parents', ...filter })).toHaveLength(count);
  });

  it('of odd names', async () => {
    expect(await primary({ table: `kids' "own` })).toHaveLength(1);
    expect(await primary({ table: `kids'` })).toEqual([]);
  });

  it('just after their making', async () => {
    expect(await primary({ table: 'late' })).toEqual([]);
    await engine.query('CREATE TABLE late (i INT PRIMARY KEY)');
    expect(await primary({ table: 'late' })).toHaveLength(1);
  });
});

describe('foreign keys', () => {
  const pair = (
    [pk_table_name, pk_column_name, pk_key_name]: string[],
    [fk_table_name, fk_column_name, fk_key_name]: string[],
    key_sequence: number,
  ) => ({
    pk_catalog_name: 'memory',
    pk_db_schema_name: 'main',
    pk_table_name,
    pk_column_name,
    fk_catalog_name: 'memory',
    fk_db_schema_name: 'main',
    fk_table_name,
    fk_column_name,
    key_sequence,
    fk_key_name,
    pk_key_name,
    update_rule: 3,
    delete_rule: 3,
  });
  const kids = `kids' "own`;
  const called = [kids, 'called', `${kids}_called_name_fkey`];
  const ofKids = [
    pair(['parents', 'b', 'parents_b_a_pkey'], [kids, 'pb', `${kids}_pb_pa_b_a_fkey`], 1),
    pair(['parents', 'a', 'parents_b_a_pkey'], [kids, 'pa', `${kids}_pb_pa_b_a_fkey`], 2),
    pair(['parents', 'name', 'parents_name_key'], called, 1),
  ];

  it('that a table has: imported', async () => {
    expect(await imported({ table: kids })).toEqual(ofKids);
    expect(await imported({ table: 'parents' })).toEqual([]);
  });

  it('that refer to a table: exported, by who refers', async () => {
    const exported = await listed(packAny(CommandGetExportedKeysSchema, { table: 'parents' }));
    expect(exported).toEqual([ofKids[2], ofKids[0], ofKids[1]]);
  });

  it('between two tables', async () => {
    const between = (pkTable: string, fkTable: string, more = {}) =>
      listed(packAny(CommandGetCrossReferenceSchema, { pkTable, fkTable, ...more }));
    expect(await between('parents', kids)).toEqual(ofKids);
    expect(await between(kids, 'parents')).toEqual([]);
    expect(await between('tree', 'tree')).toEqual([
      pair(['tree', 'id', 'tree_id_pkey'], ['tree', 'up', 'tree_up_id_fkey'], 1),
    ]);
    expect(await between('tree', 'tree', { pkCatalog: 'memory', fkCatalog: 'other' })).toEqual([]);
  });
});

describe('a database that is not there', () => {
  it('is named where it is asked for, and not missed elsewhere', async () => {
    const packed = packAny(CommandGetPrimaryKeysSchema, { catalog: 'absent', table: 'parents' });
    const answer = await engine.get(ticketOf(await engine.info(packed)));
    expect(answer.status).toBe(grpcStatus.unavailable);
    expect(answer.message).toContain('database "absent"');
    expect(await primary({ table: 'tree' })).toHaveLength(1);
  });
});

import {
  ActionBeginTransactionRequestSchema,
  ActionBeginTransactionResultSchema,
  ActionEndTransactionRequestSchema,
  ActionEndTransactionRequest_EndTransaction as EndTransaction,
  CommandStatementIngestSchema,
  CommandStatementIngest_TableDefinitionOptions_TableExistsOption as IfExists,
  CommandStatementIngest_TableDefinitionOptions_TableNotExistOption as IfNotExist,
  packAny,
} from '@pondpilot/flight-sql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { grpcStatus } from '@pondpilot/kernel';
import { Int32, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { EngineUnderTest } from '../engine.harness.js';
import { SqlClient } from '../flight-sql-client.harness.js';

let engine: EngineUnderTest;
let client: SqlClient;
beforeAll(async () => {
  engine = await EngineUnderTest.start();
  client = new SqlClient(engine, { connection: 'ingest' });
});
afterAll(() => engine.close());
beforeEach(() => client.update('DROP TABLE IF EXISTS t'));

const data = new Table({
  i: vectorFromArray([1, 2, null], new Int32()),
  s: vectorFromArray(['a', null, 'ü'], new Utf8()),
});

const MODES = {
  create: { ifNotExist: IfNotExist.CREATE, ifExists: IfExists.FAIL },
  append: { ifNotExist: IfNotExist.FAIL, ifExists: IfExists.APPEND },
  replace: { ifNotExist: IfNotExist.CREATE, ifExists: IfExists.REPLACE },
  createAppend: { ifNotExist: IfNotExist.CREATE, ifExists: IfExists.APPEND },
};

function ingest(
  mode: keyof typeof MODES,
  more: Record<string, unknown> = {},
  rows: Table = data,
  by = client,
): Promise<number> {
  const init = { table: 't', tableDefinitionOptions: MODES[mode], ...more };
  return by.put(packAny(CommandStatementIngestSchema, init), rows);
}

const count = (table = 't') => client.rows(`SELECT count(*)::INT AS n FROM ${table}`);

describe('an ingest', () => {
  it('makes a table of what comes, and counts', async () => {
    expect(await ingest('create')).toBe(3);
    expect(await client.rows('FROM t ORDER BY i')).toEqual([
      { i: 1, s: 'a' },
      { i: 2, s: null },
      { i: null, s: 'ü' },
    ]);
  });

  it.each([
    ['append', 4],
    ['replace', 3],
    ['createAppend', 4],
  ] as const)('%s, where the table exists', async (mode, rows) => {
    await client.update(`CREATE TABLE t AS SELECT 0 AS i, '' AS s`);
    expect(await ingest(mode)).toBe(3);
    expect(await count()).toEqual([{ n: rows }]);
  });

  it('create, where the table exists', async () => {
    await client.update(`CREATE TABLE t AS SELECT 0 AS i, '' AS s`);
    await expect(ingest('create')).rejects.toMatchObject({ status: grpcStatus.already_exists });
    expect(await count()).toEqual([{ n: 1 }]);
  });

  it.each(['create', 'replace', 'createAppend'] as const)('%s, where it does not', async (mode) => {
    expect(await ingest(mode)).toBe(3);
    expect(await count()).toEqual([{ n: 3 }]);
  });

  it('append, where it does not', async () => {
    await expect(ingest('append')).rejects.toMatchObject({ status: grpcStatus.not_found });
  });

  it('wants to know what to do with a table', async () => {
    await expect(ingest('create', { tableDefinitionOptions: {} })).rejects.toMatchObject({
      status: grpcStatus.invalid_argument,
    });
  });

  it('finds columns by their names', async () => {
    await client.update('CREATE TABLE t (more INT DEFAULT 7, s TEXT, i INT)');
    await ingest('append');
    expect(await client.rows('FROM t WHERE i = 1')).toEqual([{ more: 7, s: 'a', i: 1 }]);
  });

  it('leaves the table as it was where a column is not there', async () => {
    await client.update('CREATE TABLE t AS SELECT 1 AS i');
    await expect(ingest('append')).rejects.toMatchObject({ status: grpcStatus.invalid_argument });
    expect(await count()).toEqual([{ n: 1 }]);
  });

  it('leaves the table as it was where a later batch fails', async () => {
    await client.update('CREATE TABLE t (i INT PRIMARY KEY)');
    const batches = [
      [1, 2],
      [3, 1],
    ].flatMap((values) => new Table({ i: vectorFromArray(values, new Int32()) }).batches);
    await expect(ingest('append', {}, new Table(batches))).rejects.toThrow(/[Dd]uplicate/);
    expect(await count()).toEqual([{ n: 0 }]);
  });

  it('keeps the old table where a replacement fails', async () => {
    await client.update('CREATE TABLE t AS SELECT 1 AS i');
    const twice = new Table({ i: data.getChildAt(0)!, I: data.getChildAt(1)! });
    await expect(ingest('replace', {}, twice)).rejects.toMatchObject({ status: grpcStatus.invalid_argument });
    expect(await count()).toEqual([{ n: 1 }]);
  });

  it('leaves nothing where its client resets it in the middle', async () => {
    const upload = engine.startUpload('halfway');
    void upload.catch(() => undefined);
    const running = async () => (await engine.control.health(5000)).statements.length;
    while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 300));
    upload.reset();
    while ((await running()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(client.rows('FROM halfway')).rejects.toThrow('does not exist');
  });

  it('takes names of any kind, a schema and a catalog', async () => {
    await client.update('CREATE SCHEMA IF NOT EXISTS "o""dd"');
    const named = { table: `a "b"; \nDROP`, schema: 'o"dd', catalog: 'memory' };
    expect(await ingest('create', named)).toBe(3);
    expect(await count(`memory."o""dd"."a ""b""; \nDROP"`)).toEqual([{ n: 3 }]);
  });

  it('makes temporary tables for its session alone', async () => {
    const [own, other] = [
      new SqlClient(engine, { session: 'own' }),
      new SqlClient(engine, { session: 'not' }),
    ];
    await ingest('create', { table: 'passing', temporary: true }, data, own);
    expect(await own.rows('SELECT count(*)::INT AS n FROM passing')).toEqual([{ n: 3 }]);
    await expect(other.rows('FROM passing')).rejects.toThrow('does not exist');
  });

  it.each([
    ['that it names', true],
    ['of its client, which ADBC’s driver does not name', false],
  ])('is part of the transaction %s', async (_name, named) => {
    await client.update('CREATE TABLE t (i INT, s TEXT)');
    const { transactionId } = await client.sqlAction(
      'BeginTransaction',
      ActionBeginTransactionRequestSchema,
      {},
      ActionBeginTransactionResultSchema,
    );
    await ingest('append', named ? { transactionId } : {});
    expect(await client.rows('SELECT count(*)::INT AS n FROM t', transactionId)).toEqual([{ n: 3 }]);
    expect(await count()).toEqual([{ n: 0 }]);
    await client.sqlAction('EndTransaction', ActionEndTransactionRequestSchema, {
      transactionId,
      action: EndTransaction.ROLLBACK,
    });
    expect(await count()).toEqual([{ n: 0 }]);
  });

  it('is refused without data', async () => {
    const command = packAny(CommandStatementIngestSchema, {
      table: 't',
      tableDefinitionOptions: MODES.create,
    });
    await expect(client.put(command)).rejects.toMatchObject({
      status: grpcStatus.invalid_argument,
      message: expect.stringContaining('no Arrow schema'),
    });
  });
});

import {
  ActionBeginSavepointRequestSchema,
  ActionBeginTransactionRequestSchema,
  ActionBeginTransactionResultSchema,
  ActionCreatePreparedStatementRequestSchema,
  ActionCreatePreparedStatementResultSchema,
  ActionEndTransactionRequestSchema,
  ActionEndTransactionRequest_EndTransaction as EndTransaction,
  CloseSessionRequestSchema,
  CloseSessionResultSchema,
  CommandPreparedStatementUpdateSchema,
  CommandStatementQuerySchema,
  packAny,
} from '@pondpilot/flight-sql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { grpcStatus } from '@pondpilot/kernel';
import { SESSION_HEADER } from '@pondpilot/engine-api';
import { EngineUnderTest, ticketOf } from '../engine.harness.js';
import { SqlClient } from '../flight-sql-client.harness.js';

let engine: EngineUnderTest;
let outside: SqlClient;
beforeAll(async () => {
  engine = await EngineUnderTest.start();
  outside = new SqlClient(engine);
});
afterAll(() => engine.close());
beforeEach(() => outside.update('CREATE OR REPLACE TABLE t (i INT)'));

async function begin(client: SqlClient): Promise<Uint8Array> {
  const request = ActionBeginTransactionRequestSchema;
  const { transactionId } = await client.sqlAction(
    'BeginTransaction',
    request,
    {},
    ActionBeginTransactionResultSchema,
  );
  return transactionId;
}

async function end(client: SqlClient, transactionId: Uint8Array, action: EndTransaction): Promise<void> {
  await client.sqlAction('EndTransaction', ActionEndTransactionRequestSchema, { transactionId, action });
}

const count = async (client: SqlClient, transactionId?: Uint8Array) => {
  const [row] = (await client.rows('SELECT count(*)::INT AS n FROM t', transactionId)) as { n: number }[];
  return row?.n;
};

const close = (client: SqlClient) =>
  client.action('CloseSession', CloseSessionRequestSchema, {}, CloseSessionResultSchema);

describe.each([
  ['a session of its own', { session: 's', connection: 'c1' }],
  ['the default session', { connection: 'c2' }],
])('a transaction in %s', (_name, origin) => {
  let client: SqlClient;
  beforeAll(() => {
    client = new SqlClient(engine, origin);
  });

  it('is seen by nobody else before its commit, and by all after it', async () => {
    const id = await begin(client);
    expect(await client.update('INSERT INTO t VALUES (1)', id)).toBe(1);
    expect([await count(client, id), await count(client), await count(outside)]).toEqual([1, 0, 0]);
    await end(client, id, EndTransaction.COMMIT);
    expect(await count(outside)).toBe(1);
  });

  it('leaves nothing after a rollback', async () => {
    const id = await begin(client);
    await client.update('INSERT INTO t VALUES (1)', id);
    await end(client, id, EndTransaction.ROLLBACK);
    expect(await count(client)).toBe(0);
  });

  it('keeps its temporary tables for the next one', async () => {
    const first = await begin(client);
    await client.update('CREATE OR REPLACE TEMP TABLE mine AS SELECT 1 AS i', first);
    await end(client, first, EndTransaction.COMMIT);
    const next = await begin(client);
    expect(await client.rows('FROM mine', next)).toEqual([{ i: 1 }]);
    await end(client, next, EndTransaction.ROLLBACK);
  });

  it('is over once it has ended', async () => {
    const id = await begin(client);
    await end(client, id, EndTransaction.COMMIT);
    const gone = { status: grpcStatus.not_found };
    await expect(client.update('INSERT INTO t VALUES (1)', id)).rejects.toMatchObject(gone);
    await expect(end(client, id, EndTransaction.COMMIT)).rejects.toMatchObject(gone);
  });

  it('holds statements that were prepared in the one before', async () => {
    const request = ActionCreatePreparedStatementRequestSchema;
    const first = await begin(client);
    const { preparedStatementHandle } = await client.sqlAction(
      'CreatePreparedStatement',
      request,
      { query: 'INSERT INTO t VALUES (9)', transactionId: first },
      ActionCreatePreparedStatementResultSchema,
    );
    await end(client, first, EndTransaction.COMMIT);
    const next = await begin(client);
    await client.put(packAny(CommandPreparedStatementUpdateSchema, { preparedStatementHandle }));
    expect([await count(client, next), await count(outside)]).toEqual([1, 0]);
    await end(client, next, EndTransaction.ROLLBACK);
    expect(await count(outside)).toBe(0);
  });

  it('is rolled back by CloseSession', async () => {
    const id = await begin(client);
    await client.update('INSERT INTO t VALUES (1)', id);
    await close(client);
    expect(await count(outside)).toBe(0);
    await expect(end(client, id, EndTransaction.COMMIT)).rejects.toMatchObject({
      status: grpcStatus.not_found,
    });
  });

  it('counts as open only while something happened in it', async () => {
    const open = async () => (await engine.control.health(5000)).openTransactions;
    const id = await begin(client);
    expect(await open()).toBe(0);
    await count(client, id);
    expect(await open()).toBe(1);
    await end(client, id, EndTransaction.ROLLBACK);
    expect(await open()).toBe(0);
  });
});

describe('two clients of the default session', () => {
  it('have transactions of their own at the same time', async () => {
    const [a, b] = [new SqlClient(engine, { connection: 'a' }), new SqlClient(engine, { connection: 'b' })];
    const [ofA, ofB] = [await begin(a), await begin(b)];
    await a.update('INSERT INTO t VALUES (1)', ofA);
    await b.update('INSERT INTO t VALUES (2), (3)', ofB);
    expect([await count(a, ofA), await count(b, ofB)]).toEqual([1, 2]);
    await end(a, ofA, EndTransaction.ROLLBACK);
    await end(b, ofB, EndTransaction.COMMIT);
    expect(await count(outside)).toBe(2);
  });

  it('may each have several', async () => {
    const client = new SqlClient(engine, { connection: 'several' });
    const ids = [await begin(client), await begin(client), await begin(client)];
    for (const id of ids) await client.update('INSERT INTO t VALUES (1)', id);
    expect(await count(client)).toBe(0);
    const [first, second, third] = ids as [Uint8Array, Uint8Array, Uint8Array];
    await end(client, second, EndTransaction.COMMIT);
    await end(client, third, EndTransaction.ROLLBACK);
    await end(client, first, EndTransaction.COMMIT);
    expect(await count(client)).toBe(2);
  });

  it('do not close what is the other one’s', async () => {
    const [a, b] = [new SqlClient(engine, { connection: 'a' }), new SqlClient(engine, { connection: 'b' })];
    const ofB = await begin(b);
    await b.update('INSERT INTO t VALUES (1)', ofB);
    await close(a);
    await end(b, ofB, EndTransaction.COMMIT);
    expect(await count(outside)).toBe(1);
  });
});

describe('a transaction', () => {
  it('is of its session alone', async () => {
    const client = new SqlClient(engine, { session: 'x' });
    const id = await begin(client);
    await expect(new SqlClient(engine, { session: 'y' }).rows('SELECT 1', id)).rejects.toMatchObject({
      status: grpcStatus.not_found,
    });
    await end(client, id, EndTransaction.ROLLBACK);
  });

  it('of a commit that conflicts is rolled back, and says so', async () => {
    const [a, b] = [new SqlClient(engine, { session: 'a' }), new SqlClient(engine, { session: 'b' })];
    await outside.update('INSERT INTO t VALUES (1)');
    const [ofA, ofB] = [await begin(a), await begin(b)];
    await a.update('UPDATE t SET i = 2', ofA);
    await expect(b.update('UPDATE t SET i = 3', ofB)).rejects.toThrow(/[Cc]onflict/);
    await end(a, ofA, EndTransaction.COMMIT);
    await end(b, ofB, EndTransaction.ROLLBACK);
    expect(await outside.rows('FROM t')).toEqual([{ i: 2 }]);
  });

  it('that an error has aborted can not be committed, and says so', async () => {
    await outside.update('CREATE OR REPLACE TABLE keyed (i INT PRIMARY KEY)');
    const client = new SqlClient(engine, { session: 'aborted' });
    const id = await begin(client);
    await client.update('INSERT INTO keyed VALUES (1)', id);
    await expect(client.update('INSERT INTO keyed VALUES (1)', id)).rejects.toThrow(/[Dd]uplicate/);
    await expect(end(client, id, EndTransaction.COMMIT)).rejects.toThrow('aborted');
    expect(await outside.rows('FROM keyed')).toEqual([]);
  });

  it('must be told how to end', async () => {
    const id = await begin(outside);
    await expect(end(outside, id, EndTransaction.UNSPECIFIED)).rejects.toMatchObject({
      status: grpcStatus.invalid_argument,
    });
    await end(outside, id, EndTransaction.ROLLBACK);
  });

  it('has no savepoints', async () => {
    const request = { transactionId: await begin(outside), name: 's' };
    await expect(
      outside.sqlAction('BeginSavepoint', ActionBeginSavepointRequestSchema, request),
    ).rejects.toMatchObject({
      status: grpcStatus.unimplemented,
      message: expect.stringContaining('no savepoints'),
    });
  });

  it('commits although a result of it is still unread', async () => {
    const client = new SqlClient(engine, { session: 'unread' });
    const id = await begin(client);
    await client.update('INSERT INTO t VALUES (1)', id);
    const unread = packAny(CommandStatementQuerySchema, {
      query: 'SELECT range FROM range(1000000000)',
      transactionId: id,
    });
    const info = await engine.info(unread, 'unread');
    void engine.startUnread(ticketOf(info), { [SESSION_HEADER]: 'unread' });
    while ((await engine.control.health(5000)).statements.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await end(client, id, EndTransaction.COMMIT);
    expect(await count(outside)).toBe(1);
    const next = await begin(client);
    expect(await count(client, next)).toBe(1);
    await end(client, next, EndTransaction.ROLLBACK);
  }, 20_000);

  it('rolls back whatever races with its end', async () => {
    const client = new SqlClient(engine, { session: 'race' });
    for (let i = 0; i < 30; i++) {
      const id = await begin(client);
      await client.update('INSERT INTO t VALUES (0)', id);
      const racing = [1, 2, 3].map(() =>
        client.update('INSERT INTO t VALUES (1)', id).catch(() => undefined),
      );
      await end(client, id, EndTransaction.ROLLBACK);
      await Promise.all(racing);
    }
    expect(await count(outside)).toBe(0);
  });

  it('goes on after a COMMIT by SQL that could not run, and after a BEGIN', async () => {
    const client = new SqlClient(engine, { session: 'sql' });
    const id = await begin(client);
    await client.update('INSERT INTO t VALUES (1)', id);
    for (const wrong of ['COMMIT nonsense', 'BEGIN', 'BEGIN nonsense'])
      await expect(client.update(wrong, id)).rejects.toThrow(/nonsense|transaction already/);
    expect(await count(outside)).toBe(0);
    await end(client, id, EndTransaction.COMMIT);
    expect(await count(outside)).toBe(1);
  });

  it('begun by SQL stays as it is where its COMMIT fails to be read', async () => {
    const client = new SqlClient(engine, { session: 'plain' });
    await client.update('; BEGIN');
    await client.update('INSERT INTO t VALUES (1)');
    await expect(client.update('COMMIT nonsense')).rejects.toThrow('nonsense');
    expect((await engine.control.health(5000)).openTransactions).toBe(1);
    expect(await count(outside)).toBe(0);
    await client.update('COMMIT');
    expect(await count(outside)).toBe(1);
    expect((await engine.control.health(5000)).openTransactions).toBe(0);
  });
});

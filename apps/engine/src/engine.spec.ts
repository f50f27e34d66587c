import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CALL_SECRET_HEADER, EngineState, GENEROUS_LIMITS } from '@pondpilot/engine-api';
import {
  ActionCreatePreparedStatementRequestSchema,
  ActionCreatePreparedStatementResultSchema,
  ActionSchema,
  CancelFlightInfoRequestSchema,
  CancelFlightInfoResultSchema,
  CancelStatus,
  CommandGetCatalogsSchema,
  CommandGetDbSchemasSchema,
  CommandGetTableTypesSchema,
  CommandGetTablesSchema,
  CommandPreparedStatementQuerySchema,
  CommandStatementQuerySchema,
  CommandStatementUpdateSchema,
  DoPutUpdateResultSchema,
  FlightDataSchema,
  FlightDescriptor_DescriptorType,
  PutResultSchema,
  ResultSchema,
  packAny,
} from '@pondpilot/flight-sql';
import { grpcStatus } from '@pondpilot/kernel';
import { tableFromIPC } from 'apache-arrow';
import { SqlClient } from './flight-sql-client.harness.js';
import { EngineUnderTest, flightInfoOf, tableOf, ticketOf } from './engine.harness.js';

let engine: EngineUnderTest;

beforeAll(async () => {
  engine = await EngineUnderTest.start();
});
afterAll(() => engine.close());

const rows = (table: { toArray(): unknown[] }) =>
  JSON.parse(JSON.stringify(table.toArray(), big)) as unknown[];
const big = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);

describe('a query', () => {
  it('has its schema, one endpoint and no location in FlightInfo', async () => {
    const info = flightInfoOf(await engine.info('SELECT 1 AS one WHERE false'));
    expect(info.schema.byteLength).toBeGreaterThan(8);
    expect(info.endpoint).toHaveLength(1);
    expect(info.endpoint[0]?.location).toEqual([]);
    expect([info.totalRecords, info.totalBytes]).toEqual([-1n, -1n]);
  });

  it('can be read twice by its ticket', async () => {
    const ticket = ticketOf(await engine.info('SELECT 7 AS seven'));
    for (const _ of [1, 2]) expect(rows(tableOf(await engine.get(ticket)))).toEqual([{ seven: 7 }]);
  });

  it('can be sent as the ticket itself', async () => {
    expect(rows(tableOf(await engine.get('SELECT 8 AS eight')))).toEqual([{ eight: 8 }]);
  });

  it('is PIVOT too, which DuckDB runs as several statements', async () => {
    await engine.query(
      `CREATE TABLE sold AS SELECT * FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) t (what, n)`,
    );
    for (const _ of [1, 2])
      expect(rows(await engine.query('PIVOT sold ON what USING sum(n)::INT'))).toEqual([{ a: 4, b: 2 }]);
  });
});

describe('a statement that changes something', () => {
  it('is done after GetFlightInfo, and done once', async () => {
    await engine.query('CREATE TABLE once (i INT)');
    const ticket = ticketOf(await engine.info('INSERT INTO once VALUES (1) RETURNING i'));
    for (const _ of [1, 2]) expect(rows(tableOf(await engine.get(ticket)))).toEqual([{ i: 1 }]);
    expect(rows(await engine.query('SELECT count(*)::INT AS n FROM once'))).toEqual([{ n: 1 }]);
  });

  it('tells its count as an update', async () => {
    await engine.query('CREATE TABLE counted AS SELECT range AS i FROM range(10)');
    const cmd = packAny(CommandStatementUpdateSchema, { query: 'DELETE FROM counted WHERE i < 4' });
    const flightDescriptor = { type: FlightDescriptor_DescriptorType.CMD, cmd };
    const answer = await engine.send('DoPut', FlightDataSchema, { flightDescriptor });
    const { appMetadata } = fromBinary(PutResultSchema, answer.messages[0]!);
    expect(fromBinary(DoPutUpdateResultSchema, appMetadata).recordCount).toBe(4n);
  });
});

describe('a prepared statement', () => {
  const prepare = async (query: string) => {
    const body = packAny(ActionCreatePreparedStatementRequestSchema, { query });
    const answer = await engine.send('DoAction', ActionSchema, { type: 'CreatePreparedStatement', body });
    const any = fromBinary(AnySchema, fromBinary(ResultSchema, answer.messages[0]!).body);
    return anyUnpack(any, ActionCreatePreparedStatementResultSchema)!;
  };

  it('has a dataset schema only where it returns rows', async () => {
    expect((await prepare('SELECT 1')).datasetSchema.byteLength).toBeGreaterThan(0);
    expect((await prepare('CREATE TABLE unborn (i INT)')).datasetSchema.byteLength).toBe(0);
  });

  it('is not run by being prepared', async () => {
    await prepare('CREATE TABLE never_made (i INT)');
    await expect(engine.query('FROM never_made')).rejects.toThrow('never_made does not exist');
  });

  it('has a field for each parameter', async () => {
    expect((await prepare('SELECT ? + 1, ?')).parameterSchema.byteLength).toBeGreaterThan(0);
    expect((await prepare('SELECT 1')).parameterSchema.byteLength).toBe(0);
  });

  it('runs as often as it is asked to', async () => {
    const { preparedStatementHandle } = await prepare('SELECT 5 AS five');
    const cmd = packAny(CommandPreparedStatementQuerySchema, { preparedStatementHandle });
    for (const _ of [1, 2])
      expect(rows(tableOf(await engine.get(ticketOf(await engine.info(cmd)))))).toEqual([{ five: 5 }]);
  });

  it('is NOT_FOUND where its handle is unknown', async () => {
    const cmd = packAny(CommandPreparedStatementQuerySchema, {
      preparedStatementHandle: Buffer.from('guess'),
    });
    expect((await engine.info(cmd)).status).toBe(grpcStatus.not_found);
  });
});

describe('refusals', () => {
  it.each([
    ['SELEC 1', 'invalid_argument'],
    ['SELECT 1; SELECT 2', 'invalid_argument'],
    [`ATTACH '/tmp/other.duckdb'`, 'permission_denied'],
  ] as const)('%s: %s', async (sql, kind) => expect((await engine.info(sql)).status).toBe(grpcStatus[kind]));

  it('tell NOT_FOUND for a ticket that was never given', async () => {
    const ticket = ticketOf(await engine.info('SELECT 1'));
    ticket[ticket.byteLength - 1]! ^= 1;
    expect((await engine.get(ticket)).status).toBe(grpcStatus.not_found);
  });

  it('tell UNAUTHENTICATED to whom the call secret is not known', async () => {
    const answer = await engine.call('GetFlightInfo', Buffer.alloc(0), { [CALL_SECRET_HEADER]: 'guess' });
    expect(answer.status).toBe(grpcStatus.unauthenticated);
  });

  it('tell UNIMPLEMENTED by name', async () => {
    const answer = await engine.send('DoAction', ActionSchema, { type: 'MakeCoffee' });
    expect(answer).toMatchObject({
      status: grpcStatus.unimplemented,
      message: expect.stringContaining('MakeCoffee'),
    });
  });

  it('do not break on bytes that are no message', async () => {
    const answer = await engine.call('GetFlightInfo', Buffer.from([0xff, 0xff, 0xff]));
    expect(answer.status).toBe(grpcStatus.invalid_argument);
  });
});

describe('sessions', () => {
  it('have temporary tables of their own', async () => {
    await engine.query('CREATE TEMP TABLE mine AS SELECT 1 AS i', 'a');
    expect(rows(await engine.query('FROM mine', 'a'))).toEqual([{ i: 1 }]);
    await expect(engine.query('FROM mine', 'b')).rejects.toThrow('mine does not exist');
  });

  it('end with CloseSession, and their tickets with them', async () => {
    const ticket = ticketOf(await engine.info('SELECT 1', 'c'));
    await engine.query('CREATE TEMP TABLE gone (i INT)', 'c');
    expect((await engine.send('DoAction', ActionSchema, { type: 'CloseSession' }, 'c')).status).toBe(0);
    expect((await engine.get(ticket, 'c')).status).toBe(grpcStatus.not_found);
    await expect(engine.query('FROM gone', 'c')).rejects.toThrow('gone does not exist');
  });
});

describe('catalogue commands', () => {
  const list = async (packed: Uint8Array) =>
    rows(tableOf(await engine.get(ticketOf(await engine.info(packed)))));
  const tables = (filter: MessageInitShape<typeof CommandGetTablesSchema>) =>
    list(packAny(CommandGetTablesSchema, filter)) as Promise<{ table_name: string; table_type: string }[]>;

  it('list catalogs, schemas and table types', async () => {
    expect(await list(packAny(CommandGetCatalogsSchema, {}))).toEqual([{ catalog_name: 'memory' }]);
    expect(await list(packAny(CommandGetDbSchemasSchema, { dbSchemaFilterPattern: 'ma%' }))).toContainEqual({
      catalog_name: 'memory',
      db_schema_name: 'main',
    });
    expect(await list(packAny(CommandGetTableTypesSchema, {}))).toEqual([
      { table_type: 'TABLE' },
      { table_type: 'VIEW' },
    ]);
  });

  it('find tables by LIKE patterns, kinds and catalogs, just after their making', async () => {
    await engine.query('CREATE TABLE listed_1 (i INT)');
    expect(await tables({ tableNameFilterPattern: 'listed%' })).toHaveLength(1);
    await engine.query('CREATE TABLE listedx2 (i INT)');
    await engine.query('CREATE VIEW listed_view AS SELECT 1 AS i');
    const names = async (filter: MessageInitShape<typeof CommandGetTablesSchema>) =>
      (await tables(filter)).map(({ table_name: name }) => name);
    expect(await names({ tableNameFilterPattern: 'listed%' })).toEqual([
      'listed_1',
      'listed_view',
      'listedx2',
    ]);
    expect(await names({ tableNameFilterPattern: String.raw`listed\_%` })).toEqual([
      'listed_1',
      'listed_view',
    ]);
    expect(await names({ tableNameFilterPattern: 'listed_2' })).toEqual(['listedx2']);
    expect(await names({ tableNameFilterPattern: 'listed%', tableTypes: ['VIEW'] })).toEqual(['listed_view']);
    expect(await names({ catalog: '' })).toEqual([]);
    expect(await names({ catalog: 'memory', tableNameFilterPattern: 'listed.*' })).toEqual([]);
  });

  it("carry each table's columns where they are asked for", async () => {
    await engine.query('CREATE TABLE with_columns (a INT, b VARCHAR)');
    const packed = packAny(CommandGetTablesSchema, {
      tableNameFilterPattern: 'with_columns',
      includeSchema: true,
    });
    const table = tableOf(await engine.get(ticketOf(await engine.info(packed))));
    const schema = tableFromIPC(table.get(0)?.['table_schema'] as Uint8Array).schema;
    expect(schema.fields.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(table.schema.fields.map(({ nullable }) => nullable)).toEqual([true, true, false, false, false]);
  });
});

describe('limits', () => {
  let short: EngineUnderTest;
  beforeAll(async () => {
    short = await EngineUnderTest.start({
      limits: { ...GENEROUS_LIMITS, transactionIdleMs: 300, streamStallMs: 300 },
    });
  });
  afterAll(() => short.close());

  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it('roll back a transaction that nobody goes on with, and count it as use before', async () => {
    await short.query('CREATE TABLE kept (i INT)');
    await short.query('BEGIN');
    await short.query('INSERT INTO kept VALUES (1)');
    expect((await short.control.health(5000)).openTransactions).toBe(1);
    await until(async () => (await short.control.health(5000)).openTransactions === 0);
    expect(rows(await short.query('SELECT count(*)::INT AS n FROM kept'))).toEqual([{ n: 0 }]);
  });

  it('leave a committed transaction alone', async () => {
    for (const sql of ['BEGIN', 'INSERT INTO kept VALUES (2)', 'COMMIT']) await short.query(sql);
    expect((await short.control.health(5000)).openTransactions).toBe(0);
    expect(rows(await short.query('FROM kept'))).toEqual([{ i: 2 }]);
  });

  it('end what is late because of its client without ending the engine', async () => {
    const late = { ...GENEROUS_LIMITS, statementTimeMs: 300 };
    const limited = await EngineUnderTest.start({ limits: late });
    try {
      await limited.query('CREATE TABLE mine AS SELECT 1 AS i');
      const unread = limited.startUnread('SELECT range FROM range(1000000000)');
      const polled = new SqlClient(limited).poll(
        packAny(CommandStatementQuerySchema, { query: 'SELECT 2 AS two' }),
      );
      await polled;
      const resting = limited.startUpload();
      // Longer than a statement that does not stop is waited for.
      await new Promise((resolve) => setTimeout(resolve, 6500));
      expect(rows(await limited.query('FROM mine'))).toEqual([{ i: 1 }]);
      expect((await limited.control.health(5000)).statements).toEqual([]);
      expect((await resting).status).toBe(grpcStatus.deadline_exceeded);
      void unread;
    } finally {
      await limited.close();
    }
  }, 20_000);

  it.each([
    ['rows', { resultRows: 5000 }, 'SELECT range FROM range(5001)', 'resource_exhausted', 'result_rows'],
    ['bytes', { resultBytes: 100_000 }, `SELECT repeat('x', 100001)`, 'resource_exhausted', 'result_bytes'],
    [
      'length',
      { statementBytes: 2000 },
      `SELECT '${'ü'.repeat(1000)}'`,
      'invalid_argument',
      'statement_length',
    ],
    [
      'time',
      { statementTimeMs: 300 },
      'SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b',
      'deadline_exceeded',
      'statement_time',
    ],
  ] as const)(
    'end a statement of too much %s, by name of the setting',
    async (_what, limit, sql, kind, setting) => {
      const limited = await EngineUnderTest.start({ limits: { ...GENEROUS_LIMITS, ...limit } });
      try {
        const answer = await limited.get(sql);
        expect(answer.status).toBe(grpcStatus[kind]);
        expect(answer.message).toContain(`limits.${setting}`);
        expect(rows(await limited.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
      } finally {
        await limited.close();
      }
    },
  );

  it('end a result of which nobody reads anything', async () => {
    const unread = short.startUnread('SELECT range FROM range(1000000000)');
    await until(async () => (await short.control.health(5000)).statements.length === 1);
    await until(async () => (await short.control.health(5000)).statements.length === 0);
    expect(await unread).toBe(11); // ENHANCE_YOUR_CALM, which a proxy turns into a status
  });
});

describe('control', () => {
  const endless = 'SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b';

  const untilRunning = async (count: number) => {
    while ((await engine.control.health(5000)).statements.length !== count)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it('tells what runs without its text, and interrupts it', async () => {
    const running = engine.get(endless);
    await untilRunning(1);
    const health = await engine.control.health(5000);
    expect(health.state).toBe(EngineState.SERVING);
    expect(JSON.stringify(health, big)).not.toContain('range');
    expect(await engine.control.interrupt(health.statements[0]!.id, 5000)).toBe(1);
    expect((await running).status).toBe(grpcStatus.cancelled);
  });

  it('lets a client cancel by its FlightInfo', async () => {
    const answer = await engine.info(endless);
    const running = engine.get(ticketOf(answer));
    await untilRunning(1);
    const body = toBinary(
      CancelFlightInfoRequestSchema,
      create(CancelFlightInfoRequestSchema, { info: flightInfoOf(answer) }),
    );
    const cancelled = await engine.send('DoAction', ActionSchema, { type: 'CancelFlightInfo', body });
    const result = fromBinary(
      CancelFlightInfoResultSchema,
      fromBinary(ResultSchema, cancelled.messages[0]!).body,
    );
    expect(result.status).toBe(CancelStatus.CANCELLED);
    expect((await running).status).toBe(grpcStatus.cancelled);
  });

  it('refuses another owner, and whoever does not know its secret', async () => {
    await expect(engine.control.claim('somebody else', 'x', 5000)).rejects.toMatchObject({
      code: grpcStatus.failed_precondition,
    });
  });

  it('drains at last: statements are refused', async () => {
    expect(await engine.control.drain(1000)).toBe(0);
    expect((await engine.info('SELECT 1')).status).toBe(grpcStatus.unavailable);
  });
});

import {
  ActionCancelQueryRequestSchema,
  ActionCancelQueryResultSchema,
  ActionCancelQueryResult_CancelResult as CancelResult,
  CommandStatementQuerySchema,
  FlightEndpointSchema,
  FlightInfoSchema,
  RenewFlightEndpointRequestSchema,
  packAny,
} from '@pondpilot/flight-sql';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grpcStatus } from '@pondpilot/kernel';
import { EngineUnderTest, flightInfoOf, tableOf, ticketOf } from '../engine.harness.js';
import { SqlClient, plainRows } from '../flight-sql-client.harness.js';

let engine: EngineUnderTest;
let client: SqlClient;
beforeAll(async () => {
  engine = await EngineUnderTest.start();
  client = new SqlClient(engine);
});
afterAll(() => engine.close());

const query = (sql: string) => packAny(CommandStatementQuerySchema, { query: sql });
const endless = 'SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b';
const running = async () => (await engine.control.health(5000)).statements.length;

describe('PollFlightInfo', () => {
  it('has the result at once where it is quick, and may be read twice', async () => {
    const { info, flightDescriptor, progress } = await client.poll(query('SELECT 5 AS five'));
    expect([flightDescriptor, progress]).toEqual([undefined, 1]);
    const ticket = info!.endpoint[0]!.ticket!.ticket;
    for (const _ of [1, 2]) expect(plainRows(tableOf(await engine.get(ticket)))).toEqual([{ five: 5 }]);
  });

  it('tells how far a long query is, then gives its result', async () => {
    // Long enough to be seen under way on any machine, and counted by DuckDB, which range() is not.
    await client.update('CREATE TABLE long AS SELECT range % 1000 AS i FROM range(3000000)');
    const slow =
      'SELECT count(*)::INT AS n FROM long WHERE md5(md5(md5(md5(i::VARCHAR)))) > repeat(md5(i::VARCHAR), 3)';
    let answer = await client.poll(query(slow));
    const told: (number | undefined)[] = [];
    expect(answer.info!.schema.byteLength).toBeGreaterThan(8);
    while (answer.flightDescriptor) {
      expect(answer.info!.endpoint).toEqual([]);
      told.push(answer.progress);
      answer = await client.poll(answer.flightDescriptor.cmd);
    }
    expect(told.some((progress) => progress !== undefined && progress > 0 && progress < 1)).toBe(true);
    const rows = plainRows(tableOf(await engine.get(answer.info!.endpoint[0]!.ticket!.ticket)));
    expect(rows).toEqual([{ n: expect.any(Number) }]);
    expect(await running()).toBe(0);
  }, 60_000);

  it('runs what changes something once', async () => {
    await client.update('CREATE TABLE once (i INT)');
    const { info } = await client.poll(query('INSERT INTO once VALUES (1) RETURNING i'));
    expect(plainRows(tableOf(await engine.get(info!.endpoint[0]!.ticket!.ticket)))).toEqual([{ i: 1 }]);
    expect(await client.rows('SELECT count(*)::INT AS n FROM once')).toEqual([{ n: 1 }]);
  });

  it('tells the error of a query that fails while it runs', async () => {
    const fails = client.poll(query(`SELECT error('no ' || count(*)) FROM range(1000)`));
    await expect(fails).rejects.toMatchObject({
      status: grpcStatus.invalid_argument,
      message: expect.stringContaining('no 1000'),
    });
  });

  it('is cancelled by the FlightInfo that it has been told so far', async () => {
    const { info, flightDescriptor } = await client.poll(query(endless));
    const bytes = toBinary(FlightInfoSchema, info!);
    const { result } = await client.sqlAction(
      'CancelQuery',
      ActionCancelQueryRequestSchema,
      { info: bytes },
      ActionCancelQueryResultSchema,
    );
    expect(result).toBe(CancelResult.CANCELLED);
    await expect(client.poll(flightDescriptor!.cmd)).rejects.toMatchObject({ status: grpcStatus.cancelled });
    expect(await running()).toBe(0);
  });

  it('may be given up by an interrupt', async () => {
    const { flightDescriptor } = await client.poll(query(endless));
    expect(await running()).toBe(1);
    await engine.control.interrupt('', 5000);
    await expect(client.poll(flightDescriptor!.cmd)).rejects.toMatchObject({ status: grpcStatus.cancelled });
    expect(await running()).toBe(0);
  });
});

describe('a FlightInfo', () => {
  it('is what older clients cancel by', async () => {
    const answer = await engine.info(endless);
    const reading = engine.get(ticketOf(answer));
    while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const info = toBinary(FlightInfoSchema, create(FlightInfoSchema, flightInfoOf(answer)));
    const cancel = () =>
      client.sqlAction(
        'CancelQuery',
        ActionCancelQueryRequestSchema,
        { info },
        ActionCancelQueryResultSchema,
      );
    expect((await cancel()).result).toBe(CancelResult.CANCELLED);
    expect((await reading).status).toBe(grpcStatus.cancelled);
    expect((await cancel()).result).toBe(CancelResult.NOT_CANCELLABLE);
  });

  it('has endpoints that can be renewed', async () => {
    const [endpoint] = flightInfoOf(await engine.info('SELECT 1')).endpoint;
    const request = { endpoint: endpoint! };
    const renewed = await client.action(
      'RenewFlightEndpoint',
      RenewFlightEndpointRequestSchema,
      request,
      FlightEndpointSchema,
    );
    expect(renewed.ticket).toEqual(endpoint!.ticket);
  });
});

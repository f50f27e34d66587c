import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { FlightClient } from './support/flight.js';
import { processState } from './support/processes.js';
import { Product } from './support/product.js';
import { Relay } from './support/relay.js';
import { until } from './support/until.js';

/** Minutes of work before the first row. */
const busy = 'SELECT count(*) AS n FROM range(1000000000000) AS r (i) WHERE i % 7 = 8';
/** Rows at once, and no end. */
const endless = 'SELECT i FROM range(100000000000) AS r (i)';

describe('A query that nobody waits for any more', () => {
  let product: Product;
  const client = () => new FlightClient(product.grpcPort, product.token('ada'));

  beforeAll(async () => {
    product = await Product.start();
    await client().query('SELECT 1');
  });
  afterAll(() => product?.stop());

  /** CPU ticks of 10 ms that the engine used within this time. */
  async function ticksWithin(ms: number): Promise<number> {
    const engine = product.engines()[0]!;
    const before = processState(engine)!.ticks;
    await sleep(ms);
    return processState(engine)!.ticks - before;
  }

  const untilBusy = () => until('the engine works', async () => (await ticksWithin(300)) > 8);
  const untilQuiet = () => until('the engine is quiet', async () => (await ticksWithin(500)) < 5, 10_000);

  it.each([
    ['before its first row', busy],
    ['in mid-stream', endless],
  ])('stops when the client cancels, %s', async (_when, sql) => {
    const connection = client();
    const stream = connection.get(await connection.info(sql)).on('error', () => {});
    stream.resume();
    await untilBusy();
    stream.cancel();
    await untilQuiet();
    expect(await connection.query('SELECT 3::INTEGER AS n')).toEqual([{ n: 3 }]);
    connection.close();
  });

  it('stops when its deadline passes', async () => {
    const connection = client();
    const stream = connection.get(await connection.info(busy), 2000);
    const failed = new Promise((done) => stream.on('error', done));
    stream.resume();
    await untilBusy();
    expect(await failed).toMatchObject({ code: 4 });
    await untilQuiet();
    connection.close();
  });

  it("stops when the client's connection is lost", async () => {
    const wire = await Relay.to(product.grpcPort);
    const connection = new FlightClient(wire.port, product.token('ada'));
    connection
      .get(await connection.info(busy))
      .on('error', () => {})
      .resume();
    await untilBusy();
    wire.cut();
    await untilQuiet();
    connection.close();
  });
});

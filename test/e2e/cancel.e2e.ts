import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { busy, endless, untilBusy, untilQuiet } from './support/engine-load.js';
import { FlightClient } from './support/flight.js';
import { Product } from './support/product.js';
import { Relay } from './support/relay.js';

describe('A query that nobody waits for any more', () => {
  let product: Product;
  const client = () => new FlightClient(product.grpcPort, product.token('ada'));

  beforeAll(async () => {
    product = await Product.start({ warm_pool: 0 });
    await client().query('SELECT 1');
  });
  afterAll(() => product?.stop());

  it.each([
    ['before its first row', busy],
    ['in mid-stream', endless],
  ])('stops when the client cancels, %s', async (_when, sql) => {
    const connection = client();
    const stream = connection.get(await connection.info(sql)).on('error', () => {});
    stream.resume();
    await untilBusy(product);
    stream.cancel();
    await untilQuiet(product);
    expect(await connection.query('SELECT 3::INTEGER AS n')).toEqual([{ n: 3 }]);
    connection.close();
  });

  it('stops when its deadline passes', async () => {
    const connection = client();
    const stream = connection.get(await connection.info(busy), 2000);
    const failed = new Promise((done) => stream.on('error', done));
    stream.resume();
    await untilBusy(product);
    expect(await failed).toMatchObject({ code: 4 });
    await untilQuiet(product);
    connection.close();
  });

  it("stops when the client's connection is lost", async () => {
    const wire = await Relay.to(product.grpcPort);
    const connection = new FlightClient(wire.port, product.token('ada'));
    connection
      .get(await connection.info(busy))
      .on('error', () => {})
      .resume();
    await untilBusy(product);
    wire.cut();
    await untilQuiet(product);
    connection.close();
  });
});

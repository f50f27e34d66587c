import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FlightClient } from './support/flight.js';
import { runs } from './support/processes.js';
import { Product } from './support/product.js';
import { PythonClient, describeWithPython, type StreamAnswer } from './support/python.js';
import { until } from './support/until.js';

/** Numbers in order, more than any client reads before it is disturbed. */
const endless = 'SELECT i FROM range(100000000000) AS r (i)';

describe('A death', () => {
  let product: Product;
  let client: FlightClient;
  beforeEach(async () => {
    product = await Product.start({ warm_pool: 0 });
    client = new FlightClient(product.grpcPort, product.token('ada'));
  });
  afterEach(async () => {
    client.close();
    await product.stop();
  });

  it('of an engine is noticed, and the next query gets a new one', async () => {
    await client.query('SELECT 1');
    const [engine] = product.engines();
    process.kill(engine!, 'SIGKILL');
    await until(
      'the engine is gone from the books',
      async () => (await product.detail()).containers.active === 0,
    );
    expect(await client.query('SELECT 2::INTEGER AS n')).toEqual([{ n: 2 }]);
    expect(product.engines()).not.toContain(engine);
    expect(product.log('msg="Container spawned"')).toHaveLength(2);
  });

  it('of the proxy by SIGKILL leaves no engine behind', async () => {
    const other = new FlightClient(product.grpcPort, product.token('ben'));
    await Promise.all([client.query('SELECT 1'), other.query('SELECT 1')]);
    other.close();
    const engines = product.engines();
    expect(engines).toHaveLength(2);
    await product.stop('SIGKILL');
    await until('the engines are gone', () => !engines.some(runs), 10_000);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s is in order: exit code 0 and no engine left',
    async (signal) => {
      await client.query('SELECT 1');
      const engines = product.engines();
      client.close();
      expect(await product.stop(signal)).toBe(0);
      expect(engines.filter(runs)).toEqual([]);
      expect(product.log('msg="Container stopped"')[0]).toMatch(
        /user_id=ada container_id=\S+ reason=shutdown/,
      );
    },
  );
});

describeWithPython('A death in mid-stream', () => {
  it('of the engine: the batches so far, then unavailable, then a new engine', async () => {
    const product = await Product.start({ warm_pool: 0 });
    const task = { location: product.location, token: product.token('ada'), sql: endless };
    const stream = new PythonClient('stream.py', task);
    try {
      await until('the first batch', () => stream.answers().length > 0);
      process.kill(product.engines()[0]!, 'SIGKILL');
      const end = (await stream.ended()).at(-1) as StreamAnswer & { rows: unknown };
      expect(end).toMatchObject({ event: 'end', error: 'FlightUnavailableError' });
      expect(end.message).toMatch(
        /stopped while it was answering: It was killed from outside \(signal SIGKILL\)/,
      );
      expect(end.rows).toBeGreaterThan(0);
      expect(end.last).toBe(Number(end.rows) - 1);
      const next = new PythonClient('stream.py', { ...task, sql: 'SELECT 5 AS i' });
      expect((await next.ended()).at(-1)).toEqual({ event: 'end', rows: 1, bytes: 4, last: 5 });
    } finally {
      stream.kill();
      await product.stop();
    }
  });
});

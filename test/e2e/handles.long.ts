import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FlightClient } from './support/flight.js';
import { residentBytes } from './support/processes.js';
import { Product } from './support/product.js';
import { until } from './support/until.js';

/** Of the memory before, after all that was left behind. */
const GROWTH = 1.5;

/** At most so many at once, as many connections as a busy host has. */
const ABREAST = 20;

async function inTurns(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: ABREAST }, worker));
}

describe('Clients that never close anything', () => {
  let product: Product;
  let client: FlightClient;
  beforeAll(async () => {
    product = await Product.start({ warm_pool: 0 });
  });
  beforeEach(() => {
    client = new FlightClient(product.grpcPort, product.token('ada'));
  });
  afterAll(async () => {
    client?.close();
    await product?.stop();
  });

  const engineBytes = () => residentBytes(product.engines()[0]!);
  const untilNear = (before: number) =>
    until(
      `the engine uses at most ${GROWTH} times ${before} bytes`,
      () => engineBytes() <= before * GROWTH,
      60_000,
    );
  const numberOf = async (sql: string) => Number((await client.query(sql))[0]!['n']);

  it('leave 10,000 prepared statements: memory stays, and the last ones work', async () => {
    const [engine] = await client.query('SELECT 1').then(() => product.engines());
    // Each text is another one, and planning it takes some memory.
    const sql = (n: number) =>
      `SELECT ${n}::INTEGER AS n, count(*) AS c FROM shop.orders JOIN shop.drinks USING (drink_id) GROUP BY amount`;
    const prepare = async (n: number) => void (await client.prepare(sql(n)));
    await inTurns(500, prepare);
    const before = engineBytes();
    await inTurns(10_000, prepare);
    await untilNear(before);
    const info = await client.preparedInfo(await client.prepare('SELECT 7::INTEGER AS n'));
    expect(await client.rows(info)).toEqual([{ n: 7 }]);
    expect(product.engines()).toEqual([engine]);
  }, 240_000);

  it('vanish with 1,000 sessions: their transactions are rolled back, no lock and no memory stays', async () => {
    await client.update('CREATE OR REPLACE TABLE shared (id INTEGER PRIMARY KEY, n INTEGER)');
    await client.update('INSERT INTO shared SELECT i, 0 FROM range(1100) AS r (i)');
    const [engine] = product.engines();
    const visit = async (n: number) => {
      const session = new FlightClient(product.grpcPort, product.token('ada'));
      await session.logIn();
      await session.query(`CREATE TEMP TABLE own AS SELECT * FROM range(1000)`);
      const change = `UPDATE shared SET n = n + 1 WHERE id = ${n}`;
      if (n % 10 === 0) await session.update(change, await session.begin());
      else if (n % 10 === 1) {
        await session.query('BEGIN');
        await session.update(change);
      }
      session.close();
    };
    await inTurns(100, (n) => visit(1000 + n));
    const before = engineBytes();
    await inTurns(1000, visit);
    await until(
      'another client can change every row',
      () =>
        client.update('UPDATE shared SET n = n + 100').then(
          () => true,
          () => false,
        ),
      60_000,
    );
    expect(await numberOf('SELECT count(*)::INTEGER AS n FROM shared WHERE n % 100 <> 0')).toBe(0);
    await client.update('ALTER TABLE shared ADD COLUMN added INTEGER');
    await untilNear(before);
    expect(await numberOf('SELECT count(*)::INTEGER AS n FROM shared')).toBe(1100);
    expect(product.engines()).toEqual([engine]);
  }, 240_000);
});

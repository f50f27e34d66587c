import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EVERYDAY, SETUP } from './support/everyday-statements.js';
import { FlightClient } from './support/flight.js';
import { Product } from './support/product.js';

/** What keeps strangers out must not keep users from their work. */
const LEAST = 100;

describe('Everyday SQL', () => {
  let product: Product;
  let client: FlightClient;
  beforeAll(async () => {
    product = await Product.start();
    client = new FlightClient(product.grpcPort, product.token('ada'));
    await client.logIn();
    for (const sql of SETUP) await client.query(sql);
  });
  afterAll(async () => {
    client?.close();
    await product?.stop();
  });

  it.each(EVERYDAY.map((each, number) => ({ ...each, number })))(
    '$number. $about',
    async ({ first = [], sql, rows }) => {
      for (const statement of first) await client.query(statement);
      expect((await client.query(sql)).map((row) => Object.values(row).map(plain))).toEqual(rows);
    },
  );

  it.each(['EXPLAIN', 'EXPLAIN ANALYZE', 'EXPLAIN (FORMAT json)', 'EXPLAIN (ANALYZE, FORMAT json)'])(
    '%s tells how a statement runs',
    async (explain) => {
      const [plan] = await client.query(
        `${explain} SELECT region FROM sales WHERE amount > 10 ORDER BY year`,
      );
      expect(JSON.stringify(plan)).toMatch(/amount\s*>\s*10/);
    },
  );

  it(`has at least ${LEAST} statements`, () => {
    expect(EVERYDAY.length).toBeGreaterThanOrEqual(LEAST);
  });
});

/** 64-bit numbers as numbers. */
function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

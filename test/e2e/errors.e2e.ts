import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Product } from './support/product.js';
import { describeWithPython, python } from './support/python.js';
import { secondsFromNow, signToken } from './support/tokens.js';

describeWithPython('Errors, as pyarrow shows them', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.stop());

  const ask = (token: string, sql: string, timeout?: number) =>
    python('query_pyarrow.py', { ...product.access('ada'), token, sql, ...(timeout ? { timeout } : {}) });

  it.each([
    ['text that is no token', () => 'nonsense'],
    [
      'another signature',
      () => signToken({ sub: 'ada', exp: secondsFromNow(60) }, 'another secret of the same length or so'),
    ],
    ['a token that is over', () => product.token('ada', { exp: secondsFromNow(-60) })],
    ['a token without a user', () => product.token('')],
  ])('a bad token is unauthenticated: %s', async (_name, token) => {
    const answer = await ask(token(), 'SELECT 1');
    expect(answer.error).toBe('FlightUnauthenticatedError');
  });

  it.each(['SELEKT 1', 'SELECT nothing FROM nowhere', "SELECT 'a'::INTEGER"])(
    "bad SQL is an invalid argument, in DuckDB's words: %s",
    async (sql) => {
      const answer = await ask(product.token('ada'), sql);
      expect(answer.error).toBe('ArrowInvalid');
      expect(answer.message).toMatch(/Parser Error|Catalog Error|Conversion Error/);
    },
  );

  it('a deadline that passes is a time-out', async () => {
    const answer = await ask(
      product.token('ada'),
      'SELECT count(*) FROM range(1e15::BIGINT) AS a (i) WHERE i % 7 = 8',
      1,
    );
    expect(answer.error).toBe('FlightTimedOutError');
  });

  it('a statement that writes to an attached database is refused', async () => {
    const answer = await ask(product.token('ada'), 'DELETE FROM shop.orders');
    expect(answer.error).toMatch(/^(ArrowInvalid|FlightUnauthorizedError)$/);
    expect((await ask(product.token('ada'), 'SELECT count(*) FROM shop.orders')).rows).toEqual([[354702]]);
  });
});

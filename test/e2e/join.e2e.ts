import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { prepared } from './support/prepared.js';
import { Product } from './support/product.js';
import { describeWithPython, python } from './support/python.js';

const queries = {
  'the example': prepared.exampleQuery,
  'text, dates, decimals and nulls': `
    SELECT order_id, customer_id, name, card, ordered_at, ordered_at::DATE AS day, amount, iced
    FROM shop.orders JOIN shop.drinks USING (drink_id) LEFT JOIN town.customers USING (customer_id)
    WHERE order_id % 997 = 0 ORDER BY order_id`,
  'an empty result': 'SELECT * FROM shop.branches JOIN town.weather USING (city) WHERE celsius > 99',
};

describeWithPython('A join of a DuckDB and a SQLite database', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.stop());

  it.each(Object.entries(queries))("gives each client what Python's DuckDB gives: %s", async (_name, sql) => {
    const { databases, extensions } = prepared;
    const expected = await python('query_duckdb.py', { sql, databases, extensions });
    const task = { ...product.access('ada'), sql };
    expect(await python('query_pyarrow.py', task)).toEqual(expected);
    expect(await python('query_adbc.py', task)).toEqual(expected);
  });

  it('gives the numbers that the samples are known for', async () => {
    const task = { ...product.access('ada'), sql: prepared.exampleQuery };
    const { rows } = await python('query_pyarrow.py', task);
    expect(rows?.map(([weather, rain, orders, iced]) => [weather, rain, orders, iced])).toEqual([
      ['1 cold', false, 38628, 2.9],
      ['1 cold', true, 7663, 0],
      ['2 cool', false, 115217, 18.7],
      ['2 cool', true, 14319, 10.2],
      ['3 warm', false, 121788, 45.6],
      ['3 warm', true, 10170, 36.9],
      ['4 hot', false, 45039, 71.8],
      ['4 hot', true, 1878, 59.5],
    ]);
  });

  it('takes a token as the password of Basic credentials', async () => {
    const { token: password, ...access } = product.access('ada');
    const task = { ...access, password, sql: 'SELECT 42 AS answer' };
    expect((await python('query_adbc.py', task)).rows).toEqual([[42]]);
  });
});

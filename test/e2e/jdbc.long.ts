import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { prepared } from './support/prepared.js';
import { Product } from './support/product.js';

const describeWithJdbc = prepared.jdbcDriver ? describe : describe.skip;

describeWithJdbc('The Arrow JDBC driver', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.stop());

  async function query(credentials: string, sql: string): Promise<string[][]> {
    const url = `jdbc:arrow-flight-sql://127.0.0.1:${product.grpcPort}?useEncryption=false&${credentials}`;
    const java = ['--add-opens=java.base/java.nio=ALL-UNNAMED', '-cp', prepared.jdbcDriver!];
    const { stdout } = await promisify(execFile)('java', [...java, 'test/clients/JdbcQuery.java', url, sql]);
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
  }

  it.each([
    ['a token', () => `token=${product.token('ada')}`],
    ['a token as password', () => `user=token&password=${product.token('ada')}`],
  ])(
    'joins the samples, with %s',
    async (_name, credentials) => {
      const rows = await query(credentials(), prepared.exampleQuery);
      expect(rows.map(([weather, rain, orders]) => [weather, rain, orders])).toEqual([
        ['1 cold', 'false', '38628'],
        ['1 cold', 'true', '7663'],
        ['2 cool', 'false', '115217'],
        ['2 cool', 'true', '14319'],
        ['3 warm', 'false', '121788'],
        ['3 warm', 'true', '10170'],
        ['4 hot', 'false', '45039'],
        ['4 hot', 'true', '1878'],
      ]);
    },
    120_000,
  );
});

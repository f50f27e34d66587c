import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { FlightClient } from './support/flight.js';
import { prepared } from './support/prepared.js';
import { environmentOf, userOf } from './support/processes.js';
import { Product } from './support/product.js';

describe('Two users', () => {
  let product: Product;
  const clients: FlightClient[] = [];
  const connect = (user: string) => {
    const client = new FlightClient(product.grpcPort, product.token(user));
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    product = await Product.start({ warm_pool: 0 });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => product?.stop());

  it('have an engine each, and one user on two connections has one', async () => {
    await Promise.all(['ada', 'ada', 'ben'].map((user) => connect(user).query('SELECT 1')));
    expect(product.engines()).toHaveLength(2);
    expect((await product.detail()).containers).toMatchObject({ active: 2, total_spawned: 2 });
  });

  it("do not see each other's tables, and one user sees them on every connection", async () => {
    await connect('ada').query('CREATE TABLE mine AS SELECT 7 AS secret');
    expect(await connect('ada').query('SELECT secret FROM mine')).toEqual([{ secret: 7 }]);
    await expect(connect('ben').query('SELECT secret FROM mine')).rejects.toThrow(/mine does not exist/);
    const tables = await connect('ben').query(
      "SELECT count(*)::INTEGER AS n FROM duckdb_tables() WHERE table_name = 'mine'",
    );
    expect(tables).toEqual([{ n: 0 }]);
  });

  it.each([
    "SELECT content FROM read_text('/proc/self/environ')",
    "SELECT content FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sqlite_scan('/etc/passwd', 'x')",
    "COPY (SELECT 1) TO '/tmp/written-by-an-engine.csv'",
    "ATTACH '/tmp/written-by-an-engine.duckdb' AS other",
    'SET enable_external_access = true',
  ])('reach no files and no settings: %s', async (sql) => {
    await expect(connect('ada').query(sql)).rejects.toMatchObject({ code: expect.any(Number) });
    expect(readdirSync('/tmp').filter((name) => name.startsWith('written-by-an-engine'))).toEqual([]);
  });

  it('have engines that know no secret of the proxy, under users of their own where that can be', async () => {
    await Promise.all([connect('ada').query('SELECT 1'), connect('ben').query('SELECT 1')]);
    const engines = product.engines();
    expect(engines).toHaveLength(2);
    for (const pid of engines) {
      const environment = environmentOf(pid).join('\n');
      expect(environment).not.toMatch(/JWT|SECRET|CONFIG/i);
      for (const { connection_string } of prepared.databases)
        expect(environment).not.toContain(connection_string);
    }
    const users = new Set(engines.map(userOf));
    expect([...users].every((user) => process.getuid?.() !== 0 || user !== 0)).toBe(true);
    expect(users.size).toBe(process.getuid?.() === 0 ? 2 : 1);
  });
});

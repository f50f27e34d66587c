import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FlightClient } from './support/flight.js';
import { joinOfFour, joinOfTwo, marketSql, removeAll, stockSql } from './support/four-databases.js';
import { Mariadb, describeWithMariadb, mariadbStrings } from './support/mariadb.js';
import { plantedIn } from './support/planted.js';
import { Postgres, describeWithPostgres, postgresStrings } from './support/postgres.js';
import { prepared } from './support/prepared.js';
import { Product, type ConfiguredDatabase } from './support/product.js';
import { python } from './support/python.js';

/** An alias for each form of a connection string: pg0, pg1… */
const inEachForm = <T>(prefix: string, type: string, forms: Record<string, (login: T) => string>, login: T) =>
  Object.values(forms).map((form, index) => ({
    alias: `${prefix}${index}`,
    type,
    connection_string: form(login),
  }));

const aliases = (prefix: string, forms: object): [string, string][] =>
  Object.keys(forms).map((name, index) => [name, `${prefix}${index}`]);

describeWithPostgres('A PostgreSQL database', () => {
  let postgres: Postgres | undefined;
  let product: Product | undefined;
  let client: FlightClient;
  beforeAll(async () => {
    postgres = await Postgres.start(marketSql);
    const reader = postgres.login('reader');
    const databases: ConfiguredDatabase[] = [
      ...inEachForm('pg', 'postgres', postgresStrings, reader),
      {
        alias: 'Sales_2',
        type: 'postgresql',
        connection_string: postgresStrings.url(postgres.login('writer')),
      },
      {
        alias: 'desk',
        type: 'postgres',
        connection_string: postgresStrings.url(postgres.login('writer')),
        read_only: false,
      },
    ];
    product = await Product.start({}, { databases });
    client = new FlightClient(product.grpcPort, product.token('ada'));
  });
  afterAll(async () => {
    client?.close();
    await product?.stop();
    await removeAll(postgres);
  });

  it.each(aliases('pg', postgresStrings))(
    'is attached by a connection string as %s',
    async (_form, alias) => {
      const rows = await client.query(
        `SELECT count(*)::INTEGER AS n, max(id) AS last FROM ${alias}.public.visits`,
      );
      expect(rows).toEqual([{ n: 10_000, last: 10_000 }]);
    },
  );

  it('filters and picks columns itself', async () => {
    const sql = "SELECT card FROM pg0.public.visits WHERE id = 4242 AND seen > TIMESTAMPTZ '2025-01-01'";
    const plan = JSON.stringify(await client.query(`EXPLAIN ${sql}`));
    expect(plan).toMatch(/POSTGRES_SCAN/);
    expect(plan).toMatch(/id\s*=\s*4242/);
    expect(await client.query(sql)).toEqual([{ card: 'gold' }]);
    const asked = postgres!
      .log()
      .split('\n')
      .filter((line) => line.includes('4242'));
    expect(asked.join('\n')).toMatch(/SELECT .*"card".*FROM.*"visits".*WHERE.*"?id"?\s*=\s*'?4242/);
  });

  it.each([
    "INSERT INTO Sales_2.crm.cards VALUES ('tin', 0, NULL)",
    'UPDATE sales_2.crm.cards SET discount = 1',
    'DELETE FROM sales_2.crm.cards',
    'CREATE TABLE sales_2.public.more (i INTEGER)',
    'DROP TABLE sales_2.crm.cards',
    "CALL postgres_execute('sales_2', 'COMMIT; DELETE FROM crm.cards; BEGIN')",
  ])('takes no write unless the configuration allows it: %s', async (sql) => {
    await expect(client.query(sql)).rejects.toMatchObject({ code: expect.any(Number) });
    expect(await postgres!.run('SELECT count(*) FROM crm.cards')).toBe('3\n');
  });

  it('takes writes where read_only is false', async () => {
    await client.query("INSERT INTO desk.crm.cards VALUES ('tin', 0.01, '2025-06-30')");
    expect(await postgres!.run("SELECT discount, since FROM crm.cards WHERE card = 'tin'")).toBe(
      '0.01|2025-06-30\n',
    );
    await client.query("DELETE FROM desk.crm.cards WHERE card = 'tin'");
    expect(await postgres!.run('SELECT count(*) FROM crm.cards')).toBe('3\n');
  });

  it('names no password anywhere', async () => {
    const statements = [
      'FROM duckdb_databases()',
      'PRAGMA database_list',
      'FROM duckdb_secrets()',
      'FROM duckdb_secrets(redact = false)',
      'FROM duckdb_settings()',
      'FROM duckdb_logs',
      'SELECT * FROM pg0.pg_catalog.pg_database',
      'SELECT * FROM pg0.public.nothing',
      'SELECT 1/0 FROM pg0.nowhere.visits',
      'SELECT card::INTEGER FROM pg0.public.visits',
      "FROM postgres_scan('', 'public', 'visits')",
      "FROM postgres_query('pg0', 'SELECT pg_sleep(0), 1/0')",
    ];
    expect(await plantedIn(product!, client, statements)).toEqual([]);
  });
});

describeWithMariadb('A MariaDB database', () => {
  let mariadb: Mariadb | undefined;
  let product: Product | undefined;
  let client: FlightClient;
  beforeAll(async () => {
    mariadb = await Mariadb.start(stockSql);
    const writer = mariadbStrings.url(mariadb.login('writer'));
    const databases: ConfiguredDatabase[] = [
      ...inEachForm('my', 'mysql', mariadbStrings, mariadb.login('reader')),
      { alias: 'stock', type: 'mysql', connection_string: writer },
      { alias: 'desk', type: 'mysql', connection_string: writer, read_only: false },
    ];
    product = await Product.start({}, { databases });
    client = new FlightClient(product.grpcPort, product.token('ada'));
  });
  afterAll(async () => {
    client?.close();
    await product?.stop();
    await removeAll(mariadb);
  });

  it.each(aliases('my', mariadbStrings))('is attached by a connection string as %s', async (_form, alias) => {
    expect(await client.query(`SELECT supplier FROM ${alias}.suppliers WHERE drink_id = 1`)).toEqual([
      { supplier: 'Röster & Söhne' },
    ]);
  });

  it.each([
    "INSERT INTO stock.suppliers VALUES (3, 'x', 1, NULL)",
    'DELETE FROM stock.suppliers',
    'DROP TABLE stock.suppliers',
  ])('takes no write unless the configuration allows it: %s', async (sql) => {
    await expect(client.query(sql)).rejects.toMatchObject({ code: expect.any(Number) });
    expect(await mariadb!.run('SELECT count(*) FROM suppliers')).toBe('3\n');
  });

  it('takes writes where read_only is false', async () => {
    await client.query("INSERT INTO desk.suppliers VALUES (3, 'Tea', 0.25, DATE '2025-06-30')");
    expect(await mariadb!.run('SELECT supplier, cost, since FROM suppliers WHERE drink_id = 3')).toBe(
      'Tea\t0.25\t2025-06-30\n',
    );
    await client.query('DELETE FROM desk.suppliers WHERE drink_id = 3');
    expect(await mariadb!.run('SELECT count(*) FROM suppliers')).toBe('3\n');
  });

  it('names no password anywhere', async () => {
    const statements = [
      'FROM duckdb_databases()',
      'PRAGMA database_list',
      'FROM duckdb_secrets()',
      'FROM my0.nothing',
      "FROM mysql_query('my0', 'nonsense')",
    ];
    expect(await plantedIn(product!, client, statements)).toEqual([]);
  });
});

const { python: clients, servers } = prepared;
const describeWithAll = clients && servers.postgres && servers.mariadb ? describe : describe.skip;

describeWithAll('One statement over DuckDB, SQLite, PostgreSQL and MariaDB', () => {
  it('gives each client the same, right rows', async () => {
    const [postgres, mariadb] = await Promise.all([Postgres.start(marketSql), Mariadb.start(stockSql)]);
    const databases = [
      ...prepared.databases,
      { alias: 'pg', type: 'postgres', connection_string: postgresStrings.url(postgres.login('reader')) },
      { alias: 'my', type: 'mysql', connection_string: mariadbStrings.url(mariadb.login('reader')) },
    ];
    const product = await Product.start({}, { databases });
    try {
      const { extensions } = prepared;
      const here = { sql: joinOfTwo, databases: prepared.databases, extensions };
      const expected = await python('query_duckdb.py', here);
      expect(expected.rows).toHaveLength(9);
      const task = { location: product.location, token: product.token('ada'), sql: joinOfFour };
      expect(await python('query_pyarrow.py', task)).toEqual(expected);
      expect(await python('query_adbc.py', task)).toEqual(expected);
    } finally {
      await product.stop();
      await removeAll(postgres, mariadb);
    }
  });
});

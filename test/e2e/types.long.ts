import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Jdbc, describeWithJdbc, jdbcUrl, type JdbcResult } from './support/jdbc.js';
import { Notebook } from './support/notebook.js';
import { Product } from './support/product.js';
import { describeWithPython } from './support/python.js';

/** Change it to try others: the first seed of the random tables. */
const SEED = 1;
const RANDOM_TABLES = 500;
const MINUTES = 60_000;

describeWithPython('DuckDB types, many rows', () => {
  let product: Product;
  let python: Notebook;
  beforeAll(async () => {
    product = await Product.start();
    python = new Notebook();
    await python.run(
      'from types_compare import TYPES, Comparison, failures\ncompare = Comparison(location, token, tls)',
      product.access('ada'),
    );
  });
  afterAll(async () => {
    await python?.end();
    await product?.stop();
  });

  it(
    'arrive as from Python: 100,000 rows of each',
    async () => {
      const told = await python.run(
        `failures((name, lambda name=name: compare.check_type(name, 100_000)) for name in TYPES)`,
      );
      expect(told).toEqual([]);
    },
    10 * MINUTES,
  );

  it.each([
    'BOOLEAN',
    'INTEGER',
    'BIGINT',
    'HUGEINT',
    'DOUBLE',
    'DECIMAL(18, 6)',
    'VARCHAR',
    'DATE',
    'TIMESTAMP',
    'TIMETZ',
    'UUID',
    'INTEGER[]',
    'MAP(VARCHAR, INTEGER)',
    `ENUM('', 'a', 'it''s', 'ü')`,
  ])(
    'arrive as from Python: a million rows of %s, compressed too',
    async (name) => {
      const told = await python.run(
        `failures((str(how), lambda how=how: compare.check_type(name, 1_000_000, None, how)) for how in (None, "zstd"))`,
        { name },
      );
      expect(told).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    `arrive as from Python in random tables, from seed ${SEED} on`,
    async () => {
      const told = await python.run(
        `failures((f"seed {seed}", lambda seed=seed: compare.check_random(seed)) for seed in range(first, first + count))`,
        { first: SEED, count: RANDOM_TABLES },
      );
      expect(told).toEqual([]);
    },
    10 * MINUTES,
  );

  it(
    'hold a text of 100 MB, in an engine that has the memory for it',
    async () => {
      const large = await Product.start({ memory_limit: '2g' });
      try {
        const told = await python.run(
          `
          large = Comparison(location, token, tls)
          large.query("SELECT repeat('0123456789', 10000000) AS s").column(0)[0].as_buffer().size`,
          large.access('ada'),
        );
        expect(told).toBe(100_000_000);
      } finally {
        await large.stop();
      }
    },
    2 * MINUTES,
  );
});

describeWithJdbc('DuckDB types by JDBC', () => {
  let product: Product;
  let jdbc: Jdbc;
  beforeAll(async () => {
    product = await Product.start();
    jdbc = new Jdbc();
    await open('ada');
  }, 2 * MINUTES);
  afterAll(async () => {
    await jdbc?.end();
    await product?.stop();
  });

  const open = (name: string, parameters = '') =>
    jdbc.do('open', name, jdbcUrl(product, `token=${product.token('ada')}${parameters}`));

  it.each([
    ['99999999999999999999999999999999999999::HUGEINT', '99999999999999999999999999999999999999'],
    ['(-99999999999999999999999999999999999999)::HUGEINT', '-99999999999999999999999999999999999999'],
    ['340282366920938463463374607431768211455::UHUGEINT', '340282366920938463463374607431768211455'],
    // As they are, the driver shows UBIGINTs as signed numbers (docs/types.md).
    ['18446744073709551615::UBIGINT::HUGEINT', '18446744073709551615'],
    [`'12:34:56.789+02:30'::TIMETZ`, '12:34:56.789+02:30'],
    [`'10101'::BIT`, '10101'],
    [`repeat('9', 50)::BIGNUM`, '9'.repeat(50)],
    [`[1, 2]::VARIANT`, '[1,2]'],
    [`'b'::ENUM('a', 'b')`, 'b'],
    [`'5f0c0d1e-0000-4000-8000-000000000000'::UUID`, '5f0c0d1e-0000-4000-8000-000000000000'],
  ])('%s', async (value, text) => {
    const { rows } = await jdbc.do<JdbcResult>('query', 'ada', `SELECT ${value} AS v`);
    expect(rows).toEqual([[text]]);
  });

  it('ENUMs by name, alone, nested and as parameters', async () => {
    const moods = `ENUM('sad', 'it''s', 'ok')`;
    const sql = `SELECT x::VARCHAR AS i, m, [m] AS l FROM (VALUES (1, 'ok'::${moods}), (2, NULL)) AS t (x, m) ORDER BY x`;
    const { rows } = await jdbc.do<JdbcResult>('query', 'ada', sql);
    expect(rows.map(([i, m, l]) => [i, m, l?.replaceAll('"', '')])).toEqual([
      ['1', 'ok', '[ok]'],
      ['2', null, '[null]'],
    ]);
    await jdbc.do('execute', 'ada', `CREATE OR REPLACE TABLE moods (m ${moods})`);
    await jdbc.do('preparedUpdate', 'ada', 'INSERT INTO moods VALUES (?)', "string:it's");
    const back = await jdbc.do<JdbcResult>(
      'preparedQuery',
      'ada',
      'SELECT m FROM moods WHERE m = ?',
      "string:it's",
    );
    expect(back.rows).toEqual([["it's"]]);
  });

  it('are not read compressed: the driver has no decompression', async () => {
    await open('small', '&arrow-compression=zstd');
    await expect(jdbc.do('query', 'small', 'SELECT * FROM range(100000)')).rejects.toThrow(/compression/i);
  });
});

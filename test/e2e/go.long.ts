import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { busy, endless, untilBusy, untilQuiet } from './support/engine-load.js';
import { GoClient, describeWithGo, goAddress, goDsn } from './support/go.js';
import { Product } from './support/product.js';

describeWithGo("Go's clients", () => {
  let product: Product;
  let go: GoClient;
  beforeAll(async () => {
    product = await Product.start({ warm_pool: 0 });
    go = new GoClient();
  });
  afterAll(async () => {
    await go?.end();
    await product?.stop();
  });

  describe('flightsql.Client', () => {
    const address = () => goAddress(product);
    beforeEach(() => go.do('open', { ...address(), token: product.token('ada') }));

    it('queries, and keeps names and values', async () => {
      expect(await go.do('query', { sql: "SELECT 1::INTEGER AS n, 'a' AS s, NULL AS nothing" })).toEqual([
        { n: 1, s: 'a', nothing: null },
      ]);
    });

    it('tells how many rows an update changed', async () => {
      await go.do('update', { sql: 'CREATE OR REPLACE TABLE numbers (i BIGINT, s VARCHAR)' });
      expect(await go.do('update', { sql: 'INSERT INTO numbers SELECT i, i FROM range(4) AS r (i)' })).toBe(
        4,
      );
    });

    it('binds many rows to a prepared query, and to an update', async () => {
      await go.do('update', { sql: 'CREATE OR REPLACE TABLE bound (i BIGINT, s VARCHAR)' });
      const sql = 'INSERT INTO bound VALUES (?, ?)';
      const rows = [
        [1, 'one'],
        [2, null],
        [3, 'three'],
      ];
      expect(await go.do('prepared_update', { sql, args: rows })).toBe(3);
      const select = 'SELECT s FROM bound WHERE i = ?';
      expect(await go.do('prepared_query', { sql: select, args: [[3], [1]] })).toEqual([
        { s: 'three' },
        { s: 'one' },
      ]);
    });

    it('runs a prepared update without parameters once', async () => {
      await go.do('update', { sql: 'CREATE OR REPLACE TABLE single (i BIGINT)' });
      expect(await go.do('prepared_update', { sql: 'INSERT INTO single VALUES (1)' })).toBe(1);
      expect(await go.do('query', { sql: 'SELECT count(*)::INTEGER AS n FROM single' })).toEqual([{ n: 1 }]);
    });

    it('is told the schema of rows and of parameters, and that a change has no rows', async () => {
      await go.do('update', { sql: 'CREATE OR REPLACE TABLE told (i BIGINT)' });
      expect(await go.do('describe', { sql: 'SELECT i FROM told WHERE i > ?' })).toEqual({
        dataset: [['i', 'int64']],
        parameters: [[expect.any(String), 'int64']],
      });
      expect(await go.do('describe', { sql: 'INSERT INTO told VALUES ($wanted)' })).toMatchObject({
        dataset: null,
        parameters: [['wanted', expect.any(String)]],
      });
    });

    it('ingests', async () => {
      await go.do('update', { sql: 'DROP TABLE IF EXISTS poured' });
      const values = {
        table: 'poured',
        args: [
          [1, 'a'],
          [2, null],
        ],
      };
      expect(await go.do('ingest', values)).toBe(2);
      expect(await go.do('ingest', values)).toBe(2);
      expect(await go.do('query', { sql: 'SELECT count(*)::INTEGER AS n FROM poured' })).toEqual([{ n: 4 }]);
    });

    it('has transactions, several at once', async () => {
      await go.do('update', { sql: 'CREATE OR REPLACE TABLE booked (i BIGINT)' });
      const count = async (name?: string) =>
        (
          (await go.do('query', { sql: 'SELECT count(*)::INTEGER AS n FROM booked', name })) as {
            n: number;
          }[]
        )[0]!.n;
      await go.do('begin', { name: 'kept' });
      await go.do('begin', { name: 'undone' });
      await go.do('update', { sql: 'INSERT INTO booked VALUES (1)', name: 'kept' });
      await go.do('prepared_update', {
        sql: 'INSERT INTO booked VALUES (?)',
        args: [[2], [3]],
        name: 'undone',
      });
      expect([await count('kept'), await count('undone'), await count()]).toEqual([1, 2, 0]);
      await go.do('end', { name: 'undone', commit: false });
      await go.do('end', { name: 'kept', commit: true });
      expect(await count()).toBe(1);
      // The client knows by itself that it has ended.
      await expect(count('kept')).rejects.toThrow(/transaction/i);
    });

    it('is refused savepoints, which DuckDB has not', async () => {
      await go.do('begin', { name: 'plain' });
      await expect(go.do('savepoint', { name: 'plain' })).rejects.toMatchObject({ name: 'Unimplemented' });
      await go.do('end', { name: 'plain', commit: false });
    });

    it('polls', async () => {
      expect(await go.do('poll', { sql: 'SELECT 42::INTEGER AS n' })).toEqual([{ n: 42 }]);
    });

    it('sets and gets the options of its session, and is told which it can not', async () => {
      const login = { ...address(), password: product.token('ada') };
      await go.do('open', login);
      expect(await go.do('get_options')).toMatchObject({ catalog: 'memory', schema: 'main' });
      expect(await go.do('set_options', { options: { catalog: 'shop', colour: 'red' } })).toEqual({
        colour: 'INVALID_NAME',
      });
      expect(await go.do('query', { sql: 'SELECT count(*) > 0 AS some FROM drinks' })).toEqual([
        { some: true },
      ]);
      expect(await go.do('set_options', { options: { catalog: 'nowhere' } })).toEqual({
        catalog: 'INVALID_VALUE',
      });
      expect(await go.do('get_options')).toMatchObject({ catalog: 'shop' });
      expect(await go.do('close_session')).toBe('CLOSED');
      await go.do('open', login);
      expect(await go.do('get_options')).toMatchObject({ catalog: 'memory' });
    });

    it('cancels by its deadline', async () => {
      const running = go.do('query', { sql: busy, timeout_ms: 2000 });
      running.catch(() => {});
      await untilBusy(product);
      await expect(running).rejects.toMatchObject({ name: 'DeadlineExceeded' });
      await untilQuiet(product);
    });

    it('cancels by resetting the stream', async () => {
      const running = go.do('query', { sql: busy, cancel_ms: 2000 });
      running.catch(() => {});
      await untilBusy(product);
      await expect(running).rejects.toMatchObject({ name: 'Canceled' });
      await untilQuiet(product);
    });

    it('cancels by action, by the old one too', async () => {
      // CANCEL_RESULT_NOT_CANCELLABLE is 3: by then there is nothing left to cancel.
      expect(await go.do('cancel_twice', { sql: endless })).toEqual([
        expect.stringMatching(/^CANCEL_STATUS_CANCELL/),
        'Canceled',
        3,
      ]);
      await untilQuiet(product);
    });

    it('gets the right status for each kind of mistake', async () => {
      await expect(go.do('query', { sql: 'SELEKT' })).rejects.toMatchObject({
        name: 'InvalidArgument',
        message: expect.stringMatching(/Parser Error/),
      });
      const wrong = { ...address(), password: 'no token' };
      await expect(go.do('open', wrong)).rejects.toMatchObject({ name: 'Unauthenticated' });
    });

    it('may send large headers', async () => {
      const headers = { 'x-note': 'n'.repeat(6000), 'x-more': 'm'.repeat(6000) };
      await go.do('open', { ...address(), token: product.token('ada'), headers });
      expect(await go.do('query', { sql: 'SELECT 1::INTEGER AS n' })).toEqual([{ n: 1 }]);
    });

    describe('finds in the catalogue', () => {
      interface Listing {
        readonly rows: Record<string, unknown>[];
        readonly different: object;
      }
      const list = (name: string, values: object = {}) => go.do<Listing>('metadata', { name, ...values });

      beforeEach(async () => {
        for (const sql of [
          'CREATE TABLE IF NOT EXISTS parents (id INTEGER PRIMARY KEY, name VARCHAR)',
          'CREATE TABLE IF NOT EXISTS children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id))',
        ])
          await go.do('update', { sql });
      });

      it.each([
        ['GetCatalogs', {}, { catalog_name: 'shop' }],
        ['GetDBSchemas', { catalog: 'shop' }, { catalog_name: 'shop', db_schema_name: 'main' }],
        ['GetTables', { table: 'child%' }, { table_name: 'children', table_type: 'TABLE' }],
        ['GetTables', { table: 'children', with_columns: true }, { table_schema: expect.any(String) }],
        ['GetTableTypes', {}, { table_type: 'VIEW' }],
        [
          'GetPrimaryKeys',
          { table: 'parents' },
          { table_name: 'parents', column_name: 'id', key_sequence: 1 },
        ],
        ['GetImportedKeys', { table: 'children' }, { pk_table_name: 'parents', fk_column_name: 'parent' }],
        ['GetExportedKeys', { table: 'parents' }, { fk_table_name: 'children', pk_column_name: 'id' }],
        ['GetXdbcTypeInfo', {}, { type_name: 'BIGINT', data_type: -5 }],
        ['GetSqlInfo', {}, { info_name: 0 }],
      ])('%s %j, in the schema of the specification', async (name, values, row) => {
        const { rows, different } = await list(name, values);
        expect(different).toEqual({});
        expect(rows).toEqual(expect.arrayContaining([expect.objectContaining(row)]));
      });

      it('GetCrossReference, empty, in the schema of the specification', async () => {
        expect(await list('GetCrossReference', { table: 'parents' })).toEqual({ rows: [], different: {} });
      });

      it('GetSqlInfo tells every id of the specification', async () => {
        const { rows } = await list('GetSqlInfo');
        const told = new Set(rows.map(({ info_name }) => info_name));
        const range = (first: number, last: number) =>
          Array.from({ length: last - first + 1 }, (_, n) => first + n);
        const all = [...range(0, 11), 100, 101, ...range(500, 576)];
        expect(all.filter((id) => !told.has(id))).toEqual([]);
      });
    });
  });

  describe('database/sql', () => {
    const open = (credentials: string, parameters = '') =>
      go.do('sql_open', goDsn(product, credentials, parameters));
    beforeEach(() => open('', `&token=${product.token('ada')}`));

    it('queries with and without arguments', async () => {
      expect(await go.do('sql_query', { sql: "SELECT 1::BIGINT AS n, 'a' AS s" })).toEqual([
        ['n', 's'],
        ['1', 'a'],
      ]);
      const sql = 'SELECT i FROM range(10) AS r (i) WHERE i > ? AND i::VARCHAR < ?::VARCHAR ORDER BY i';
      expect(await go.do('sql_query', { sql, args: [6, '9'] })).toEqual([['i'], ['7'], ['8']]);
    });

    it('executes with and without arguments', async () => {
      await go.do('sql_exec', {
        sql: 'CREATE OR REPLACE TABLE executed (i BIGINT, s VARCHAR, d DOUBLE, b BOOLEAN)',
      });
      const sql = 'INSERT INTO executed VALUES (?, ?, ?, ?)';
      expect(await go.do('sql_exec', { sql, args: [1, 'a', 1.5, true] })).toBe(1);
      expect(await go.do('sql_exec', { sql: 'INSERT INTO executed FROM executed' })).toBe(1);
      expect(await go.do('sql_query', { sql: 'FROM executed' })).toEqual([
        ['i', 's', 'd', 'b'],
        ['1', 'a', '1.5', 'true'],
        ['1', 'a', '1.5', 'true'],
      ]);
    });

    it('commits and rolls back', async () => {
      await go.do('sql_exec', { sql: 'CREATE OR REPLACE TABLE booked (i BIGINT)' });
      for (const [n, commit] of [
        [1, true],
        [2, false],
        [3, true],
      ] as const)
        await go.do('sql_transaction', { sql: 'INSERT INTO booked VALUES (?)', args: [n], commit });
      expect(await go.do('sql_query', { sql: 'SELECT i FROM booked ORDER BY i' })).toEqual([
        ['i'],
        ['1'],
        ['3'],
      ]);
    });

    it('ends the work at a deadline', async () => {
      const running = go.do('sql_query', { sql: busy, timeout_ms: 2000 });
      running.catch(() => {});
      await untilBusy(product);
      await expect(running).rejects.toMatchObject({ name: 'DeadlineExceeded' });
      await untilQuiet(product);
    });

    it('signs in by a password, Basic on every call', async () => {
      await open(`token:${product.token('ada')}@`);
      expect(await go.do('sql_query', { sql: 'SELECT 5::BIGINT AS n' })).toEqual([['n'], ['5']]);
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withAdbc } from './support/adbc.js';
import { busy, endless, untilBusy, untilQuiet } from './support/engine-load.js';
import { Notebook } from './support/notebook.js';
import { Product } from './support/product.js';
import { describeWithPython } from './support/python.js';

describeWithPython("ADBC's driver for Flight SQL", () => {
  let product: Product;
  let python: Notebook;
  beforeAll(async () => {
    product = await Product.start({ warm_pool: 0 });
    python = await withAdbc(new Notebook(), product);
  });
  afterAll(async () => {
    await python?.end();
    await product?.stop();
  });

  describe('queries', () => {
    it('answers rows, their names and types', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1::INTEGER AS n, 'a' AS s, [1.5::DOUBLE] AS l")
            answer = [[column[0] for column in cursor.description], cursor.fetchall()]
        answer`);
      expect(told).toEqual([['n', 's', 'l'], [[1, 'a', [1.5]]]]);
    });

    it('keeps the schema of an empty result', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT drink_id, price FROM shop.drinks WHERE false")
            table = cursor.fetch_arrow_table()
        [table.num_rows, table.schema]`);
      expect(told).toEqual([
        0,
        [
          ['drink_id', 'int16'],
          ['price', 'decimal128(6, 2)'],
        ],
      ]);
    });

    it('tells a schema without running the statement', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            schema = cursor.adbc_execute_schema("SELECT count(*) AS n FROM range(1000000000000)")
        schema`);
      expect(told).toEqual([['n', 'int64']]);
    });

    it('reads partitions on another connection, as often as it likes', async () => {
      const told = await python.run(`
        read = []
        with connect() as connection, connection.cursor() as cursor, connect() as other, other.cursor() as reader:
            partitions, schema = cursor.adbc_execute_partitions("SELECT i FROM range(3) AS r (i)")
            for _ in range(2):
                reader.adbc_read_partition(partitions[0])
                read.append(reader.fetchall())
        [len(partitions), schema, read]`);
      expect(told).toEqual([
        1,
        [['i', 'int64']],
        [
          [[0], [1], [2]],
          [[0], [1], [2]],
        ],
      ]);
    });

    it('polls, where it is told to be incremental', async () => {
      const told = await python.run(`
        read = []
        with connect() as connection, connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.statement.exec.incremental": "true"})
            while True:
                partitions, schema = cursor.adbc_execute_partitions("SELECT 41 + 1 AS n")
                if not partitions:
                    break
                for partition in partitions:
                    with connection.cursor() as reader:
                        reader.adbc_read_partition(partition)
                        read.append(reader.fetchall())
        read`);
      expect(told).toEqual([[[42]]]);
    });

    it('runs a change that is sent as a query exactly once, fetched or not', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE OR REPLACE TABLE once (i INTEGER)")
            cursor.execute("INSERT INTO once VALUES (1)")
            cursor.execute("INSERT INTO once VALUES (2)")
            cursor.fetchall()
            answer = rows(connection, "SELECT i FROM once ORDER BY i")
        answer`);
      expect(told).toEqual([[1], [2]]);
    });

    it('executes a prepared statement many times', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            cursor.adbc_prepare("SELECT ?::INTEGER + 1 AS n")
            answer = [cursor.execute("SELECT ?::INTEGER + 1 AS n", [n]).fetchall() for n in range(20)]
        answer`);
      expect(told).toEqual(Array.from({ length: 20 }, (_, n) => [[n + 1]]));
    });
  });

  describe('parameters', () => {
    /** Type, values and, where DuckDB has another type for them, what comes back. */
    const types: [type: string, values: string, expected?: string][] = [
      ['pa.null()', '[None]'],
      ['pa.bool_()', '[True]'],
      ...['int8', 'int16', 'int32', 'int64'].map((type): [string, string] => [`pa.${type}()`, '[-7]']),
      ...['uint8', 'uint16', 'uint32'].map((type): [string, string] => [`pa.${type}()`, '[200]']),
      ['pa.uint64()', '[2**64 - 1]'],
      ['pa.float16()', '[1.5]'],
      ['pa.float32()', '[1.5]'],
      ['pa.float64()', '[0.1]'],
      ['pa.decimal32(6, 2)', '[Decimal("12.30")]'],
      ['pa.decimal64(12, 2)', '[Decimal("-12.30")]'],
      ['pa.decimal128(38, 10)', '[Decimal("1234567890123456789.0123456789")]'],
      ['pa.string()', '["grüße, 世界"]'],
      ['pa.large_string()', '["large"]'],
      ['pa.string_view()', '["a view that is longer than twelve bytes"]'],
      ['pa.binary()', '[b"\\x00\\xff"]'],
      ['pa.large_binary()', '[b"\\x01"]'],
      ['pa.binary_view()', '[b"\\x02"]'],
      ['pa.binary(3)', '[b"abc"]'],
      ['pa.date32()', '[date(2026, 2, 28)]'],
      ['pa.date64()', '[date(1969, 12, 31)]'],
      ['pa.time32("s")', '[time_of_day(1, 2, 3)]'],
      ['pa.time32("ms")', '[time_of_day(1, 2, 3, 4000)]'],
      ['pa.time64("us")', '[time_of_day(23, 59, 59, 999999)]'],
      ['pa.time64("ns")', '[time_of_day(1, 2, 3, 5)]'],
      ...['s', 'ms', 'us', 'ns'].map((unit): [string, string] => [
        `pa.timestamp("${unit}")`,
        '[datetime(2026, 1, 2, 3, 4, 5)]',
      ]),
      ['pa.timestamp("us", "UTC")', '[datetime(2026, 1, 2, 3, 4, 5, 6, timezone.utc)]'],
      ['pa.duration("us")', '[timedelta(seconds=90)]', '[pa.MonthDayNano([0, 0, 90 * 10**9])]'],
      ['pa.month_day_nano_interval()', '[pa.MonthDayNano([1, 2, 3000])]'],
      ['pa.list_(pa.int32())', '[[1, None, 3]]'],
      ['pa.large_list(pa.string())', '[["a", "b"]]'],
      ['pa.list_(pa.int32(), 2)', '[[1, 2]]'],
      ['pa.struct({"a": pa.int32(), "b": pa.list_(pa.string())})', '[{"a": 1, "b": ["x"]}]'],
      ['pa.map_(pa.string(), pa.int32())', '[[("k", 1)]]'],
      ['pa.dictionary(pa.int8(), pa.string())', '["coded"]'],
    ];

    it.each(types)('of type %s come back as they were', async (type, values, expected = values) => {
      const told = await python.run(`
        different = []
        for sent, wanted in [
            (${values}, ${expected}),
            (${values} * 3, ${expected} * 3),
            (${values} * 2 + [None], ${expected} * 2 + [None]),
        ]:
            with connect() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT ? AS v", pa.table({"0": pa.array(sent, type=${type})}))
                came = cursor.fetch_arrow_table().column(0).to_pylist()
            if came != wanted:
                different.append([str(came), str(wanted)])
        different`);
      expect(told).toEqual([]);
    });

    it('of a type that DuckDB has not are refused by its name', async () => {
      const cell = python.run(`
        with connect() as connection:
            rows(connection, "SELECT ?", pa.table({"0": pa.array([1, 1], pa.run_end_encoded(pa.int32(), pa.int64()))}))`);
      await expect(cell).rejects.toMatchObject({
        bases: expect.arrayContaining(['DatabaseError']),
        message: expect.stringMatching(/run.?end/i),
      });
    });

    it('are unwrapped from unions, in which some clients put values of any type', async () => {
      const told = await python.run(`
        def union(position, kind, value):
            children = [pa.array([value] if kind == each else [], each) for each in (pa.int64(), pa.string())]
            return pa.UnionArray.from_dense(pa.array([position], pa.int8()), pa.array([0], pa.int32()), children)
        batch = pa.record_batch([union(0, pa.int64(), 5), union(1, pa.string(), "five")], names=["0", "1"])
        with connect() as connection:
            answer = rows(connection, "SELECT ? + 1 AS n, upper(?) AS s", batch)
        answer`);
      expect(told).toEqual([[6, 'FIVE']]);
    });

    it('select rows of a table, with several of them', async () => {
      const told = await python.run(`
        with connect() as connection:
            answer = rows(connection, "SELECT drink FROM shop.drinks WHERE iced = ? AND drink LIKE ? ORDER BY 1 LIMIT ?",
                          [True, "%", 2])
        answer`);
      expect(told).toHaveLength(2);
    });

    it('in many rows give the results of each, one after the other', async () => {
      const told = await python.run(`
        with connect() as connection:
            answer = rows(connection, "SELECT i * ? AS n FROM range(1, 3) AS r (i)",
                          pa.table({"0": pa.array([1, 10], pa.int64())}))
        answer`);
      expect(told).toEqual([[1], [2], [10], [20]]);
    });

    it('are refused where there are too few, with what DuckDB says', async () => {
      const cell = python.run(`
        with connect() as connection:
            rows(connection, "SELECT ?::INTEGER + ?::INTEGER", [1])`);
      await expect(cell).rejects.toMatchObject({ name: 'ProgrammingError' });
    });

    it('can be 100,000 rows of an executemany', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE OR REPLACE TABLE bound (i BIGINT, s VARCHAR)")
            data = pa.table({"i": range(100_000), "s": [f"row {i}" for i in range(100_000)]})
            cursor.executemany("INSERT INTO bound VALUES (?, ?)", data)
            answer = [cursor.rowcount, rows(connection, "SELECT count(*), sum(i)::BIGINT, max(s) FROM bound")]
        answer`);
      expect(told).toEqual([100_000, [[100_000, 4999950000, 'row 99999']]]);
    }, 120_000);
  });

  describe('what it tells of the server', () => {
    it('names, versions and abilities', async () => {
      const told = await python.run(`
        with connect() as connection:
            info = connection.adbc_get_info()
        info`);
      expect(told).toMatchObject({ vendor_name: 'PondPilot Proxy', vendor_version: expect.any(String) });
    });

    it('no statistics: the driver refuses them', async () => {
      const cell = python.run(`
        with connect() as connection:
            connection.adbc_get_statistics().read_all()`);
      await expect(cell).rejects.toMatchObject({ name: 'NotSupportedError' });
    });

    it('table types', async () => {
      const told = await python.run(`
        with connect() as connection:
            types = connection.adbc_get_table_types()
        types`);
      expect(told).toEqual(expect.arrayContaining(['TABLE', 'VIEW']));
    });

    it('objects at each depth, by each filter', async () => {
      const told = await python.run(`
        with connect() as connection:
            rows(connection, "CREATE OR REPLACE TABLE seen (id INTEGER NOT NULL, name VARCHAR)")
            rows(connection, "CREATE OR REPLACE VIEW seen_too AS SELECT 1 AS one")
            def objects(**filters):
                return connection.adbc_get_objects(**filters).read_all().to_pylist()
            mine = {"catalog_filter": "memory", "db_schema_filter": "main"}
            def tables(**filters):
                schema, = objects(depth="tables", **mine, **filters)[0]["catalog_db_schemas"]
                return sorted(table["table_name"] for table in schema["db_schema_tables"])
            columns = objects(**mine, table_name_filter="seen", column_name_filter="i%")
            answer = {
                "catalogs": [each["catalog_name"] for each in objects(depth="catalogs", catalog_filter="sh_p")],
                "schemas": [each["db_schema_name"] for each in objects(depth="db_schemas", **mine)[0]["catalog_db_schemas"]],
                "tables": tables(table_name_filter="seen%"),
                "views": tables(table_name_filter="seen%", table_types_filter=["VIEW"]),
                "columns": [
                    [each["column_name"], each["ordinal_position"]]
                    for each in columns[0]["catalog_db_schemas"][0]["db_schema_tables"][0]["table_columns"]
                ],
                "none": objects(catalog_filter="no such catalog"),
            }
        answer`);
      expect(told).toEqual({
        catalogs: ['shop'],
        schemas: ['main'],
        tables: ['seen', 'seen_too'],
        views: ['seen_too'],
        columns: [['id', 1]],
        none: [],
      });
    });

    it("a table's schema, and that there is no such table", async () => {
      const cell = (table: string) =>
        python.run(`
        with connect() as connection:
            rows(connection, "CREATE OR REPLACE TABLE typed (i INTEGER, made TIMESTAMP)")
            schema = connection.adbc_get_table_schema("${table}")
        schema`);
      expect(await cell('typed')).toEqual([
        ['i', 'int32'],
        ['made', 'timestamp[us]'],
      ]);
      await expect(cell('untyped')).rejects.toMatchObject({ name: 'ProgrammingError' });
    });
  });

  describe('sessions', () => {
    it('current catalog and schema can be asked for and changed, for this session only', async () => {
      const told = await python.run(`
        with login() as connection, login() as other:
            before = [connection.adbc_current_catalog, connection.adbc_current_db_schema]
            connection.adbc_current_catalog = "shop"
            after = [connection.adbc_current_catalog, connection.adbc_current_db_schema]
            counted = rows(connection, "SELECT count(*) > 0 FROM drinks")
            elsewhere = other.adbc_current_catalog
        [before, after, counted, elsewhere]`);
      expect(told).toEqual([['memory', 'main'], ['shop', 'main'], [[true]], 'memory']);
    });

    it('an unknown catalog is refused, and the old one stays', async () => {
      const told = await python.run(`
        with login() as connection:
            try:
                connection.adbc_current_catalog = "nowhere"
                refused = None
            except flight_sql.Error as error:
                refused = type(error).__name__
            answer = [refused is not None, connection.adbc_current_catalog]
        answer`);
      expect(told).toEqual([true, 'memory']);
    });

    it('a wrong password is refused when connecting, with what to do', async () => {
      const cell = python.run('login(password="no token")');
      await expect(cell).rejects.toMatchObject({
        bases: expect.arrayContaining(['DatabaseError']),
        message: expect.stringMatching(/token/i),
      });
    });

    it("one client's token never takes the place of another's", async () => {
      const values = { other: product.token('ben') };
      const told = await python.run(
        `
        with login() as connection, login(password=other) as others:
            rows(connection, "CREATE OR REPLACE TABLE whose AS SELECT 'ada' AS name")
            rows(others, "CREATE OR REPLACE TABLE whose AS SELECT 'ben' AS name")
            answer = [rows(each, "SELECT name FROM whose") for each in [connection, others, connection]]
        answer`,
        values,
      );
      expect(told).toEqual([[['ada']], [['ben']], [['ada']]]);
    });
  });

  describe('errors', () => {
    it.each([
      ['SELEKT 1', /Parser Error/],
      ['SELECT nothing', /Binder Error/],
      ['SELECT * FROM nowhere', /Catalog Error/],
      ["SELECT 'a'::INTEGER", /Conversion Error/],
    ])("bad SQL is a ProgrammingError in DuckDB's words: %s", async (sql, message) => {
      const cell = python.run(
        `
        with connect() as connection:
            rows(connection, sql)`,
        { sql },
      );
      await expect(cell).rejects.toMatchObject({
        name: 'ProgrammingError',
        message: expect.stringMatching(message),
      });
    });

    it('a constraint that is not kept is a DatabaseError that names it', async () => {
      const cell = python.run(`
        with connect() as connection:
            rows(connection, "CREATE OR REPLACE TABLE keyed (i INTEGER PRIMARY KEY)")
            for _ in range(2):
                rows(connection, "INSERT INTO keyed VALUES (?)", [1])`);
      await expect(cell).rejects.toMatchObject({
        bases: expect.arrayContaining(['DatabaseError']),
        message: expect.stringMatching(/Constraint Error.*[Dd]uplicate key/),
      });
    });

    it('a read-only database is a ProgrammingError', async () => {
      const cell = python.run(`
        with connect() as connection:
            update(connection, "DELETE FROM shop.drinks")`);
      await expect(cell).rejects.toMatchObject({ name: 'ProgrammingError' });
    });

    it('a time limit that passes is an OperationalError, and ends the work', async () => {
      const cell = python.run(
        `
        with connect(**{"adbc.flight.sql.rpc.timeout_seconds.fetch": "1"}) as connection:
            rows(connection, sql)`,
        { sql: busy },
      );
      await expect(cell).rejects.toMatchObject({ name: 'OperationalError' });
      await untilQuiet(product);
    });
  });

  describe('cancelling', () => {
    it.each([
      ['before the first row', busy],
      ['in mid-stream', endless],
    ])('%s ends the work of the engine, and the connection goes on', async (_when, sql) => {
      const running = python.run(
        `
        connection = connect()
        cursor = connection.cursor()
        def cancel():
            time.sleep(2)
            cursor.adbc_cancel()
        threading.Thread(target=cancel).start()
        try:
            cursor.execute(sql)
            for batch in cursor.fetch_record_batch():
                pass
            ended = None
        except (flight_sql.Error, OSError) as error:
            ended = str(error)
        cursor.close()
        answer = [ended, rows(connection, "SELECT 3")]
        connection.close()
        answer`,
        { sql },
      );
      await untilBusy(product);
      expect(await running).toEqual([expect.stringMatching(/cancell?ed/i), [[3]]]);
      await untilQuiet(product);
    });

    it('closing a reader in mid-stream ends the work of the engine', async () => {
      const told = await python.run(
        `
        connection = connect()
        cursor = connection.cursor()
        cursor.execute(sql)
        reader = cursor.fetch_record_batch()
        first = reader.read_next_batch().num_rows
        reader.close()
        cursor.close()
        first > 0`,
        { sql: endless },
      );
      expect(told).toBe(true);
      await untilQuiet(product);
      expect(await python.run('rows(connection, "SELECT 4")')).toEqual([[4]]);
      await python.run('connection.close()');
    });
  });
});

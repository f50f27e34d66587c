import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withAdbc } from './support/adbc.js';
import { Notebook } from './support/notebook.js';
import { Product } from './support/product.js';
import { describeWithPython } from './support/python.js';

describeWithPython("What is written through ADBC's driver for Flight SQL", () => {
  let product: Product;
  let python: Notebook;
  beforeAll(async () => {
    product = await Product.start();
    python = await withAdbc(new Notebook(), product);
  });
  afterAll(async () => {
    await python?.end();
    await product?.stop();
  });

  describe('updates', () => {
    it('tell how many rows they changed', async () => {
      const told = await python.run(`
        with connect() as connection:
            update(connection, "CREATE OR REPLACE TABLE changed (i INTEGER)")
            answer = [
                update(connection, "INSERT INTO changed SELECT * FROM range(5)"),
                update(connection, "UPDATE changed SET i = i + 1 WHERE i < 3"),
                update(connection, "DELETE FROM changed"),
            ]
        answer`);
      expect(told).toEqual([5, 3, 2 + 3]);
    });

    it('by executemany run once for each row, and undo all where one fails', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            update(connection, "CREATE OR REPLACE TABLE many (i INTEGER PRIMARY KEY, s VARCHAR)")
            cursor.executemany("INSERT INTO many VALUES (?, ?)", [(1, "a"), (2, None), (3, "c")])
            counted = cursor.rowcount
            try:
                cursor.executemany("INSERT INTO many VALUES (?, ?)", [(4, "d"), (1, "again")])
                failed = None
            except flight_sql.DatabaseError as error:
                failed = str(error)
            answer = [counted, rows(connection, "SELECT * FROM many ORDER BY i"), failed]
        answer`);
      expect(told).toEqual([
        3,
        [
          [1, 'a'],
          [2, null],
          [3, 'c'],
        ],
        expect.stringMatching(/Constraint Error/),
      ]);
    });

    it('without parameters run once', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            update(connection, "CREATE OR REPLACE TABLE single (i INTEGER)")
            statement = cursor.adbc_statement
            statement.set_sql_query("INSERT INTO single VALUES (1)")
            statement.prepare()
            counts = [statement.execute_update() for _ in range(3)]
            answer = [counts, rows(connection, "SELECT count(*) FROM single")]
        answer`);
      expect(told).toEqual([[1, 1, 1], [[3]]]);
    });
  });

  describe('ingestion', () => {
    const data = 'pa.table({"i": pa.array([1, 2], pa.int32()), "s": ["a", None]})';

    it('creates a table of the types that came', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            update(connection, "DROP TABLE IF EXISTS poured")
            count = cursor.adbc_ingest("poured", ${data}, mode="create")
            answer = [count, rows(connection, "SELECT * FROM poured ORDER BY i"), connection.adbc_get_table_schema("poured")]
        answer`);
      expect(told).toEqual([
        2,
        [
          [1, 'a'],
          [2, null],
        ],
        [
          ['i', 'int32'],
          ['s', 'string'],
        ],
      ]);
    });

    it.each([
      ['create', undefined, [[2]]],
      ['create', 5, expect.stringMatching(/already exists/)],
      ['append', undefined, expect.stringMatching(/poured.*not exist/)],
      ['append', 5, [[3]]],
      ['replace', undefined, [[2]]],
      ['replace', 5, [[2]]],
      ['create_append', undefined, [[2]]],
      ['create_append', 5, [[3]]],
    ] as const)('%s, where there is a table with one row: %s', async (mode, row, expected) => {
      const told = await python.run(
        `
        with connect() as connection, connection.cursor() as cursor:
            update(connection, "DROP TABLE IF EXISTS poured")
            if row is not None:
                update(connection, f"CREATE TABLE poured AS SELECT {row}::INTEGER AS i, 'old' AS s")
            try:
                cursor.adbc_ingest("poured", ${data}, mode=mode)
                answer = rows(connection, "SELECT count(*) FROM poured")
            except flight_sql.ProgrammingError as error:
                answer = str(error)
        answer`,
        { mode, row: row ?? null },
      );
      expect(told).toEqual(expected);
    });

    it('a failed create leaves the rows that were there', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            update(connection, "CREATE OR REPLACE TABLE kept AS SELECT 7 AS i")
            try:
                cursor.adbc_ingest("kept", ${data}, mode="create")
            except flight_sql.ProgrammingError:
                pass
            answer = rows(connection, "FROM kept")
        answer`);
      expect(told).toEqual([[7]]);
    });

    it('goes to the catalog and schema that are named, however they are written', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            update(connection, 'CREATE SCHEMA IF NOT EXISTS "My ""own"" schema"')
            cursor.adbc_ingest('odd "name"', ${data}, mode="replace",
                               catalog_name="memory", db_schema_name='My "own" schema')
            answer = rows(connection, 'SELECT count(*) FROM memory."My ""own"" schema"."odd ""name"""')
        answer`);
      expect(told).toEqual([[2]]);
    });

    it('into a read-only database is refused', async () => {
      const cell = python.run(`
        with connect() as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("poured", ${data}, mode="create", catalog_name="shop")`);
      await expect(cell).rejects.toMatchObject({ name: 'ProgrammingError' });
    });

    it('makes a temporary table that only its session sees', async () => {
      const told = await python.run(`
        with login() as connection, login() as other, connection.cursor() as cursor:
            cursor.adbc_ingest("passing", ${data}, mode="create", temporary=True)
            seen = rows(connection, "SELECT count(*) FROM passing")
            try:
                elsewhere = rows(other, "SELECT count(*) FROM passing")
            except flight_sql.ProgrammingError as error:
                elsewhere = str(error)
        [seen, elsewhere]`);
      expect(told).toEqual([[[2]], expect.stringMatching(/Catalog Error/)]);
    });

    it('inside a transaction is rolled back with it', async () => {
      const told = await python.run(`
        with connect(autocommit=False) as connection, connect() as other, connection.cursor() as cursor:
            update(other, "CREATE OR REPLACE TABLE undone (i INTEGER, s VARCHAR)")
            cursor.adbc_ingest("undone", ${data}, mode="append")
            within = rows(connection, "SELECT count(*) FROM undone")
            outside = rows(other, "SELECT count(*) FROM undone")
            connection.rollback()
            after = rows(connection, "SELECT count(*) FROM undone")
        [within, outside, after]`);
      expect(told).toEqual([[[2]], [[0]], [[0]]]);
    });

    it('takes tables with all kinds of columns, null and nested, and gives them back', async () => {
      const told = await python.run(`
        sent = pa.table({
            "b": pa.array([True, None]),
            "u": pa.array([2**64 - 1, 0], pa.uint64()),
            "d": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "day": pa.array([date(2026, 1, 2), None]),
            "at": pa.array([datetime(2026, 1, 2, 3, 4, 5, 6), None], pa.timestamp("us")),
            "zoned": pa.array([datetime(2026, 1, 2, 3, 4, 5, 6, timezone.utc), None], pa.timestamp("us", "UTC")),
            "bytes": pa.array([b"\\x00\\xff", None]),
            "list": pa.array([[1, None], None], pa.list_(pa.int32())),
            "struct": pa.array([{"x": 1, "y": ["z"]}, None]),
            "map": pa.array([[("k", 1.5)], None], pa.map_(pa.string(), pa.float64())),
            "coded": pa.array(["one", "two"]).dictionary_encode(),
        })
        with connect() as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("kinds", sent, mode="replace")
            cursor.execute("FROM kinds")
            came = cursor.fetch_arrow_table()
        [came.column_names == sent.column_names, str(came.to_pylist()), str(sent.to_pylist())]`);
      const [names, came, sent] = told as [boolean, string, string];
      expect(names).toBe(true);
      expect(came).toBe(sent);
    });

    it('takes an empty table', async () => {
      const told = await python.run(`
        with connect() as connection, connection.cursor() as cursor:
            count = cursor.adbc_ingest("bare", pa.RecordBatchReader.from_batches(${data}.schema, [${data}.to_batches()[0].slice(0, 0)]), mode="replace")
            answer = [count, rows(connection, "SELECT count(*) FROM bare"), connection.adbc_get_table_schema("bare")]
        answer`);
      expect(told).toEqual([
        0,
        [[0]],
        [
          ['i', 'int32'],
          ['s', 'string'],
        ],
      ]);
    });

    it('streams two million rows in many batches', async () => {
      const told = await python.run(`
        schema = pa.schema({"i": pa.int64(), "s": pa.string()})
        def batches():
            for start in range(0, 2_000_000, 50_000):
                numbers = range(start, start + 50_000)
                yield pa.record_batch([pa.array(numbers), pa.array([f"row {n}" for n in numbers])], schema=schema)
        with connect() as connection, connection.cursor() as cursor:
            count = cursor.adbc_ingest("long", pa.RecordBatchReader.from_batches(schema, batches()), mode="replace")
            answer = [count, rows(connection, "SELECT count(DISTINCT i), sum(length(s))::BIGINT FROM long")]
            update(connection, "DROP TABLE long")
        answer`);
      expect(told).toEqual([2_000_000, [[2_000_000, 20_888_890]]]);
    }, 120_000);
  });

  describe('transactions', () => {
    it('are what the DBAPI opens by itself: others see what was committed, at once the next one begins', async () => {
      const told = await python.run(`
        def count():
            return rows(other, "SELECT count(*) FROM booked")[0][0]
        with connect(autocommit=False) as connection, connect() as other:
            update(other, "CREATE OR REPLACE TABLE booked (i INTEGER)")
            update(connection, "INSERT INTO booked VALUES (1)")
            seen = [rows(connection, "SELECT count(*) FROM booked")[0][0], count()]
            connection.commit()
            seen.append(count())
            update(connection, "INSERT INTO booked VALUES (2)")
            connection.rollback()
            update(connection, "INSERT INTO booked VALUES (3)")
            connection.commit()
            seen.append(rows(other, "SELECT i FROM booked ORDER BY i"))
        seen`);
      expect(told).toEqual([1, 0, 1, [[1], [3]]]);
    });

    it('take prepared statements with parameters in', async () => {
      const told = await python.run(`
        with connect(autocommit=False) as connection, connect() as other, connection.cursor() as cursor:
            update(other, "CREATE OR REPLACE TABLE given (i INTEGER)")
            cursor.executemany("INSERT INTO given VALUES (?)", [(1,), (2,)])
            seen = [rows(connection, "SELECT count(*) FROM given WHERE i >= ?", [1]), rows(other, "SELECT count(*) FROM given")]
            connection.rollback()
            seen.append(rows(connection, "SELECT count(*) FROM given"))
        seen`);
      expect(told).toEqual([[[2]], [[0]], [[0]]]);
    });

    it('of two connections with one token do not see each other', async () => {
      const told = await python.run(`
        with connect() as both:
            update(both, "CREATE OR REPLACE TABLE mine (i INTEGER)")
        with connect(autocommit=False) as first, connect(autocommit=False) as second:
            update(first, "INSERT INTO mine VALUES (1)")
            update(second, "INSERT INTO mine VALUES (2)")
            during = [rows(each, "SELECT i FROM mine") for each in (first, second)]
            first.commit()
            second.rollback()
        with connect() as after:
            answer = [during, rows(after, "SELECT i FROM mine")]
        answer`);
      expect(told).toEqual([[[[1]], [[2]]], [[1]]]);
    });

    it.each(['connect', 'login'])(
      'that were not committed are rolled back by closing, and hold no lock (%s)',
      async (open) => {
        const told = await python.run(`
        with connect() as other:
            update(other, "CREATE OR REPLACE TABLE left_over AS SELECT 1 AS i")
            connection = ${open}(autocommit=False)
            update(connection, "UPDATE left_over SET i = 2")
            connection.close()
            update(other, "UPDATE left_over SET i = i + 10")
            update(other, "ALTER TABLE left_over ADD COLUMN j INTEGER")
            answer = rows(other, "SELECT i FROM left_over")
        answer`);
        expect(told).toEqual([[11]]);
      },
    );

    it('go on when another connection with the same token closes', async () => {
      const told = await python.run(`
        with connect(autocommit=False) as connection, connection.cursor() as cursor:
            update(connection, "CREATE OR REPLACE TABLE going_on AS SELECT 1 AS i")
            cursor.adbc_prepare("SELECT ?::INTEGER + i FROM going_on")
            connect().close()
            connect(autocommit=False).close()
            prepared = cursor.execute("SELECT ?::INTEGER + i FROM going_on", [1]).fetchall()
            connection.commit()
            answer = [prepared, rows(connection, "FROM going_on")]
        answer`);
      expect(told).toEqual([[[2]], [[1]]]);
    });

    it('can be switched on and off', async () => {
      const told = await python.run(`
        with connect() as connection, connect() as other:
            update(connection, "CREATE OR REPLACE TABLE switched (i INTEGER)")
            connection.adbc_connection.set_autocommit(False)
            update(connection, "INSERT INTO switched VALUES (1)")
            seen = rows(other, "SELECT count(*) FROM switched")
            connection.adbc_connection.set_autocommit(True)
            update(connection, "INSERT INTO switched VALUES (2)")
            answer = [seen, rows(other, "SELECT count(*) FROM switched")]
        answer`);
      expect(told).toEqual([[[0]], [[2]]]);
    });

    it('that conflict: the second is told, and can begin again', async () => {
      const told = await python.run(`
        with connect() as both:
            update(both, "CREATE OR REPLACE TABLE wanted AS SELECT 1 AS i")
        with connect(autocommit=False) as first, connect(autocommit=False) as second:
            update(first, "UPDATE wanted SET i = 2")
            try:
                update(second, "UPDATE wanted SET i = 3")
                conflict = None
            except flight_sql.DatabaseError as error:
                conflict = str(error)
            second.rollback()
            first.commit()
            update(second, "UPDATE wanted SET i = i + 10")
            second.commit()
            answer = [conflict, rows(first, "FROM wanted")]
        answer`);
      expect(told).toEqual([expect.stringMatching(/[Cc]onflict/), [[12]]]);
    });
  });
});

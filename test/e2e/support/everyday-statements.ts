/** A statement of everyday work, with what it answers: a row a list, whole numbers and texts as JavaScript has them. */
export interface Everyday {
  readonly about: string;
  readonly sql: string;
  readonly rows: readonly (readonly unknown[])[];
  /** Statements before it. */
  readonly first?: readonly string[];
}

type Row = readonly unknown[];
const is = (about: string, sql: string, ...rows: Row[]): Everyday => ({ about, sql, rows });
const after = (about: string, first: readonly string[], sql: string, ...rows: Row[]): Everyday => ({
  about,
  first,
  sql,
  rows,
});

/** Made once before all. */
export const SETUP: readonly string[] = [
  'CREATE TABLE sales (region VARCHAR, year INTEGER, amount INTEGER)',
  `INSERT INTO sales VALUES ('north', 2023, 10), ('north', 2024, 20), ('south', 2023, 5), ('south', 2024, 15), ('south', 2025, 30)`,
  'CREATE TABLE prices (moment TIMESTAMP, price INTEGER)',
  "INSERT INTO prices VALUES ('2025-01-01 09:00', 100), ('2025-01-01 10:00', 110)",
  'CREATE TABLE stock (id INTEGER PRIMARY KEY, item VARCHAR, n INTEGER DEFAULT 1)',
];

const WINDOWS: readonly Everyday[] = [
  is(
    'row_number',
    'SELECT region, year, row_number() OVER (PARTITION BY region ORDER BY year DESC) AS n FROM sales ORDER BY ALL',
    ['north', 2023, 2],
    ['north', 2024, 1],
    ['south', 2023, 3],
    ['south', 2024, 2],
    ['south', 2025, 1],
  ),
  is(
    'a running sum',
    "SELECT sum(amount) OVER (ORDER BY year)::INTEGER AS s FROM sales WHERE region = 'south' ORDER BY year",
    [5],
    [20],
    [50],
  ),
  is(
    'a moving average',
    "SELECT avg(amount) OVER (ORDER BY year ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS a FROM sales WHERE region = 'south' ORDER BY year",
    [5],
    [10],
    [22.5],
  ),
  is(
    'lag and lead',
    "SELECT lag(amount, 1, 0) OVER w AS l, lead(amount) OVER w AS m FROM sales WHERE region = 'north' WINDOW w AS (ORDER BY year) ORDER BY year",
    [0, 20],
    [10, null],
  ),
  is(
    'first_value and last_value',
    'SELECT DISTINCT region, first_value(amount) OVER w AS f, last_value(amount) OVER w AS l FROM sales WINDOW w AS (PARTITION BY region ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) ORDER BY ALL',
    ['north', 10, 20],
    ['south', 5, 30],
  ),
  is(
    'rank, dense_rank and ntile',
    'SELECT rank() OVER w AS r, dense_rank() OVER w AS d, ntile(2) OVER w AS n FROM (VALUES (1), (1), (2)) AS t(i) WINDOW w AS (ORDER BY i) ORDER BY ALL',
    [1, 1, 1],
    [1, 1, 1],
    [3, 2, 2],
  ),
  is(
    'QUALIFY',
    'SELECT region, year FROM sales QUALIFY row_number() OVER (PARTITION BY region ORDER BY amount DESC) = 1 ORDER BY ALL',
    ['north', 2024],
    ['south', 2025],
  ),
  is(
    'a frame that leaves the row out',
    'SELECT i, sum(i) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW)::INTEGER AS s FROM range(3) AS t(i) ORDER BY i',
    [0, 1],
    [1, 2],
    [2, 1],
  ),
  is(
    'a filter in a window',
    'SELECT count(*) FILTER (year > 2023) OVER ()::INTEGER AS n FROM sales LIMIT 1',
    [3],
  ),
];

const GROUPS: readonly Everyday[] = [
  is(
    'GROUP BY ALL',
    'SELECT region, sum(amount)::INTEGER AS s FROM sales GROUP BY ALL ORDER BY ALL',
    ['north', 30],
    ['south', 50],
  ),
  is('HAVING', 'SELECT region FROM sales GROUP BY region HAVING count(*) > 2', ['south']),
  is(
    'GROUPING SETS',
    'SELECT region, year, sum(amount)::INTEGER AS s FROM sales WHERE year = 2023 GROUP BY GROUPING SETS ((region, year), ()) ORDER BY ALL',
    ['north', 2023, 10],
    ['south', 2023, 5],
    [null, null, 15],
  ),
  is(
    'ROLLUP',
    'SELECT region, sum(amount)::INTEGER AS s, grouping(region)::INTEGER AS g FROM sales GROUP BY ROLLUP (region) ORDER BY ALL',
    ['north', 30, 0],
    ['south', 50, 0],
    [null, 80, 1],
  ),
  is(
    'CUBE',
    "SELECT count(*)::INTEGER AS n FROM (SELECT region, year FROM sales WHERE region = 'north' GROUP BY CUBE (region, year))",
    [6],
  ),
  is('FILTER', 'SELECT count(*) FILTER (WHERE amount > 10)::INTEGER AS n FROM sales', [3]),
  is(
    'string_agg and list',
    "SELECT string_agg(region, ',' ORDER BY year) AS s, list(year ORDER BY year)::VARCHAR AS l FROM sales WHERE region = 'north'",
    ['north,north', '[2023, 2024]'],
  ),
  is(
    'arg_max, median, quantile',
    'SELECT arg_max(region, amount) AS a, median(amount) AS m, quantile_disc(amount, 0.9) AS q FROM sales',
    ['south', 15, 30],
  ),
  is('mode, histogram', 'SELECT mode(region) AS m, histogram(region)::VARCHAR AS h FROM sales', [
    'south',
    '{north=2, south=3}',
  ]),
  is('approximate counts', 'SELECT approx_count_distinct(region)::INTEGER AS n FROM sales', [2]),
  is(
    'statistics',
    'SELECT round(stddev_pop(amount), 2) AS s, round(corr(amount, year), 2) AS c, regr_count(amount, year)::INTEGER AS n FROM sales',
    [8.6, 0.96, 5],
  ),
  is(
    'PIVOT',
    "PIVOT (SELECT region, 'y' || year AS year, amount FROM sales) ON year USING sum(amount)::INTEGER GROUP BY region ORDER BY region",
    ['north', 10, 20, null],
    ['south', 5, 15, 30],
  ),
  is(
    'PIVOT with IN',
    "PIVOT (SELECT region, 'y' || year AS year, amount FROM sales) ON year IN ('y2023', 'y2024') USING max(amount) GROUP BY region ORDER BY region",
    ['north', 10, 20],
    ['south', 5, 15],
  ),
  is(
    'PIVOT as SQL has it',
    'FROM sales PIVOT (max(amount) FOR year IN (2023 AS a, 2025 AS b) GROUP BY region) ORDER BY region',
    ['north', 10, null],
    ['south', 5, 30],
  ),
  is(
    'UNPIVOT',
    'UNPIVOT (SELECT 1 AS jan, 2 AS feb) ON jan, feb INTO NAME month VALUE n',
    ['jan', 1],
    ['feb', 2],
  ),
  is(
    'UNPIVOT with COLUMNS',
    "UNPIVOT (SELECT 'x' AS id, 3 AS a, 4 AS b) ON COLUMNS(* EXCLUDE id) INTO NAME k VALUE v",
    ['x', 'a', 3],
    ['x', 'b', 4],
  ),
];

const JOINS: readonly Everyday[] = [
  is(
    'an ASOF join',
    "SELECT price FROM (SELECT TIMESTAMP '2025-01-01 09:30' AS moment) AS t ASOF JOIN prices AS p ON t.moment >= p.moment",
    [100],
  ),
  is(
    'an ASOF join with USING',
    "SELECT p.price FROM (VALUES (TIMESTAMP '2025-01-01 10:00'), ('2024-01-01')) AS t(moment) ASOF LEFT JOIN prices AS p USING (moment) ORDER BY ALL",
    [110],
    [null],
  ),
  is(
    'a lateral join',
    'SELECT i, j FROM range(2) AS a(i), LATERAL (SELECT i * 10 AS j) ORDER BY i',
    [0, 0],
    [1, 10],
  ),
  is(
    'a semi join',
    'SELECT i FROM range(4) AS a(i) SEMI JOIN (VALUES (1), (3)) AS b(i) USING (i) ORDER BY i',
    [1],
    [3],
  ),
  is(
    'an anti join',
    'SELECT i FROM range(3) AS a(i) ANTI JOIN (VALUES (1)) AS b(i) USING (i) ORDER BY i',
    [0],
    [2],
  ),
  is(
    'a positional join',
    "SELECT a.x, b.y FROM (VALUES (1), (2)) AS a(x) POSITIONAL JOIN (VALUES ('p'), ('q')) AS b(y)",
    [1, 'p'],
    [2, 'q'],
  ),
  is(
    'a full join',
    'SELECT a.i AS x, b.i AS y FROM (VALUES (1), (2)) AS a(i) FULL JOIN (VALUES (2), (3)) AS b(i) ON a.i = b.i ORDER BY ALL',
    [1, null],
    [2, 2],
    [null, 3],
  ),
  is(
    'a correlated subquery',
    'SELECT year FROM sales AS s WHERE amount = (SELECT max(amount) FROM sales WHERE region = s.region) ORDER BY ALL',
    [2024],
    [2025],
  ),
  is(
    'EXISTS and IN',
    "SELECT EXISTS (FROM sales WHERE year = 2025) AS e, 'west' IN (SELECT region FROM sales) AS i",
    [true, false],
  ),
  is(
    'a recursive CTE',
    'WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i * 2 FROM t WHERE i < 10) SELECT list(i)::VARCHAR AS l FROM t',
    ['[1, 2, 4, 8, 16]'],
  ),
  is(
    'a materialized CTE',
    'WITH c AS MATERIALIZED (SELECT 21 AS i) SELECT a.i + b.i AS n FROM c AS a, c AS b',
    [42],
  ),
  is('UNION BY NAME', 'SELECT 1 AS a UNION ALL BY NAME SELECT 2 AS b', [1, null], [null, 2]),
  is(
    'EXCEPT and INTERSECT',
    'SELECT i FROM range(5) AS t(i) EXCEPT SELECT 3 INTERSECT SELECT 3 ORDER BY ALL',
    [0],
    [1],
    [2],
    [4],
  ),
  is(
    'a join of the attached samples',
    'SELECT count(*)::INTEGER AS n FROM shop.branches JOIN (SELECT DISTINCT city FROM town.weather) USING (city)',
    [48],
  ),
  is(
    'groups over an attached file',
    'SELECT iced, count(*)::INTEGER AS n FROM shop.drinks GROUP BY ALL ORDER BY ALL',
    [false, 7],
    [true, 5],
  ),
  is('a limit over attached SQLite', 'SELECT card FROM town.customers ORDER BY customer_id LIMIT 1', [
    'gold',
  ]),
];

const NESTED: readonly Everyday[] = [
  is(
    'list functions',
    'SELECT list_sort([3, 1, 2])::VARCHAR AS s, [1, 2, 3][2] AS e, [1, 2, 3][-1] AS l, len([1, 2]) AS n',
    ['[1, 2, 3]', 2, 3, 2],
  ),
  is('slices', "SELECT ([1, 2, 3, 4])[2:3]::VARCHAR AS s, 'duckdb'[1:4] AS t", ['[2, 3]', 'duck']),
  is(
    'lambdas',
    'SELECT list_transform([1, 2], lambda x: x + 1)::VARCHAR AS t, list_filter([1, 2, 3], lambda x: x > 1)::VARCHAR AS f, list_reduce([1, 2, 3], lambda a, b: a + b) AS r',
    ['[2, 3]', '[2, 3]', 6],
  ),
  is('list comprehensions', 'SELECT [x * 2 FOR x IN [1, 2, 3] IF x > 1]::VARCHAR AS l', ['[4, 6]']),
  is('UNNEST', 'SELECT unnest([1, 2]) AS i, unnest({a: 7, b: 8})', [1, 7, 8], [2, 7, 8]),
  is('recursive UNNEST', 'SELECT unnest([[1, 2], [3]], recursive := true) AS i', [1], [2], [3]),
  is(
    'structs',
    "SELECT s.a AS a, s['b'] AS b, struct_extract(s, 'a') AS c FROM (SELECT {a: 1, b: 'x'} AS s)",
    [1, 'x', 1],
  ),
  is('maps', "SELECT MAP {'a': 1, 'b': 2}['b'] AS v, map_keys(MAP {'k': 1})::VARCHAR AS k", [2, '[k]']),
  is(
    'arrays',
    'SELECT array_value(1, 2)::INTEGER[2]::VARCHAR AS a, array_distance([1.0, 0.0]::FLOAT[2], [1.0, 1.0]::FLOAT[2]) AS d',
    ['[1, 2]', 1],
  ),
  is('unions', 'SELECT union_tag(union_value(num := 1))::VARCHAR AS t', ['num']),
  is(
    'list_aggregate',
    "SELECT list_aggregate([1, 2, 3], 'sum')::INTEGER AS s, list_distinct([1, 1]).len() AS d",
    [6, 1],
  ),
  is('functions as methods', "SELECT ('a,b').string_split(',').list_reverse()::VARCHAR AS l", ['[b, a]']),
  is(
    'star expressions',
    'SELECT * EXCLUDE (amount) REPLACE (upper(region) AS region) FROM sales WHERE year = 2025',
    ['SOUTH', 2025],
  ),
  is('COLUMNS', "SELECT max(COLUMNS('^(year|amount)$')) FROM sales", [2025, 30]),
  is('a struct of a row', 'SELECT s.region AS r FROM sales AS s WHERE s.amount = 30', ['south']),
];

const TEXTS: readonly Everyday[] = [
  is('JSON arrows', `SELECT '{"a": {"b": [1, 2]}}'::JSON -> 'a' -> 'b' ->> 1 AS v`, ['2']),
  is(
    'JSON paths',
    `SELECT json_extract_string('{"a": "x"}', '$.a') AS s, json_array_length('[1, 2, 3]')::INTEGER AS n`,
    ['x', 3],
  ),
  is('making JSON', "SELECT json_object('k', [1, 2])::VARCHAR AS o, to_json({a: 1})::VARCHAR AS s", [
    '{"k":[1,2]}',
    '{"a":1}',
  ]),
  is(
    'json_each',
    `SELECT key, value::VARCHAR AS v FROM json_each('{"a": 1, "b": 2}')`,
    ['a', '1'],
    ['b', '2'],
  ),
  is('JSON to a struct', `SELECT (from_json('{"a": 5}', '{"a": "INTEGER"}')).a AS a`, [5]),
  is('a statement as JSON', `SELECT (json_serialize_sql('SELECT 1') ->> 'error') AS e`, ['false']),
  is(
    'regular expressions',
    "SELECT regexp_extract('order-42', '(\\d+)', 1) AS e, regexp_replace('a1b2', '\\d', '', 'g') AS r, regexp_matches('abc', '^a') AS m",
    ['42', 'ab', true],
  ),
  is(
    'regexp_extract_all and split',
    "SELECT regexp_extract_all('a1b22', '\\d+')::VARCHAR AS a, string_split_regex('a1b2c', '\\d')::VARCHAR AS s",
    ['[1, 22]', '[a, b, c]'],
  ),
  is(
    'SIMILAR TO, LIKE, ILIKE, GLOB',
    "SELECT 'abc' SIMILAR TO 'a.c' AS s, 'abc' LIKE 'a%' AS l, 'ABC' ILIKE 'a_c' AS i, 'abc' GLOB 'a*' AS g",
    [true, true, true, true],
  ),
  is(
    'text functions',
    "SELECT concat_ws('-', 'a', 'b') AS c, lpad('7', 3, '0') AS l, reverse('abc') AS r, strip_accents('é') AS a, printf('%05.1f', 3.14159) AS p",
    ['a-b', '007', 'cba', 'e', '003.1'],
  ),
  is(
    'similarity',
    "SELECT levenshtein('duck', 'luck') AS l, round(jaccard('duck', 'luck'), 2) AS j",
    [1, 0.6],
  ),
  is('collations', "SELECT 'A' COLLATE NOCASE = 'a' AS e", [true]),
  is(
    'texts that look like statements',
    "SELECT 'COPY t TO ''x''; ATTACH y' AS a, $$LOAD x; query('y')$$ AS b, $t$ $$ ; $t$ AS c",
    ["COPY t TO 'x'; ATTACH y", "LOAD x; query('y')", ' $$ ; '],
  ),
  is(
    'comments that look like statements',
    "SELECT /* COPY x; /* ATTACH */ postgres_query('a') */ 1 AS i -- ; query('x')",
    [1],
  ),
  is('a semicolon behind it', 'SELECT 1 AS i; -- done', [1]),
  is('hashes and bytes', "SELECT md5('a')[:6] AS m, hex('ab'::BLOB) AS h, base64('abc'::BLOB) AS b", [
    '0cc175',
    '6162',
    'YWJj',
  ]),
];

const TIMES: readonly Everyday[] = [
  is(
    'date_trunc and date_part',
    "SELECT date_trunc('month', DATE '2025-03-17')::DATE::VARCHAR AS t, date_part('week', DATE '2025-03-17')::INTEGER AS w, dayname(DATE '2025-03-17') AS d",
    ['2025-03-01', 12, 'Monday'],
  ),
  is(
    'intervals',
    "SELECT (DATE '2024-01-31' + INTERVAL 1 MONTH)::DATE::VARCHAR AS d, age(DATE '2025-03-01', DATE '2024-01-01')::VARCHAR AS a",
    ['2024-02-29', '1 year 2 months'],
  ),
  is(
    'date_diff',
    "SELECT date_diff('day', DATE '2024-02-28', DATE '2024-03-01')::INTEGER AS n, date_sub('month', DATE '2024-01-15', DATE '2024-03-14')::INTEGER AS m",
    [2, 1],
  ),
  is(
    'strftime and strptime',
    "SELECT strftime(DATE '2025-03-17', '%d.%m.%Y') AS f, strptime('17/03/25', '%d/%m/%y')::VARCHAR AS p",
    ['17.03.2025', '2025-03-17 00:00:00'],
  ),
  is(
    'generate_series of dates',
    "SELECT count(*)::INTEGER AS n FROM generate_series(DATE '2025-01-01', DATE '2025-12-31', INTERVAL 1 MONTH)",
    [12],
  ),
  is('time_bucket', "SELECT time_bucket(INTERVAL 15 MINUTES, TIMESTAMP '2025-01-01 09:37')::VARCHAR AS b", [
    '2025-01-01 09:30:00',
  ]),
  is(
    'AT TIME ZONE',
    "SELECT (TIMESTAMP '2025-07-01 12:00' AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'UTC')::VARCHAR AS t",
    ['2025-07-01 10:00:00'],
  ),
  is('epoch', "SELECT epoch(TIMESTAMP '1970-01-02')::INTEGER AS e, to_timestamp(0)::VARCHAR AS t", [
    86400,
    '1970-01-01 00:00:00+00',
  ]),
  after(
    'SET TimeZone',
    ["SET TimeZone = 'Asia/Tokyo'"],
    "SELECT TIMESTAMPTZ '2025-01-01 00:00:00+00'::VARCHAR AS t",
    ['2025-01-01 09:00:00+09'],
  ),
  after('SET TIME ZONE', ["SET TIME ZONE 'UTC'"], "SELECT current_setting('TimeZone') AS z", ['UTC']),
  after('RESET TimeZone', ['RESET TimeZone'], "SELECT TIMESTAMPTZ '2025-01-01 00:00:00+00'::VARCHAR AS t", [
    '2025-01-01 00:00:00+00',
  ]),
];

const LOOKS: readonly Everyday[] = [
  is(
    'DESCRIBE',
    'SELECT column_name, column_type FROM (DESCRIBE sales)',
    ['region', 'VARCHAR'],
    ['year', 'INTEGER'],
    ['amount', 'INTEGER'],
  ),
  is(
    'DESCRIBE of a query',
    "DESCRIBE SELECT 1 AS i, 'x' AS t",
    ['i', 'INTEGER', 'YES', null, null, null],
    ['t', 'VARCHAR', 'YES', null, null, null],
  ),
  is('SUMMARIZE', "SELECT column_name, min, max FROM (SUMMARIZE sales) WHERE column_name = 'amount'", [
    'amount',
    '5',
    '30',
  ]),
  is(
    'SHOW TABLES',
    "SELECT name FROM (SHOW TABLES) WHERE name IN ('sales', 'prices') ORDER BY ALL",
    ['prices'],
    ['sales'],
  ),
  is(
    'SHOW ALL TABLES',
    "SELECT database, name FROM (SHOW ALL TABLES) WHERE database = 'shop' AND name = 'drinks'",
    ['shop', 'drinks'],
  ),
  is('SHOW DATABASES', 'SELECT * FROM (SHOW DATABASES) ORDER BY ALL', ['memory'], ['shop'], ['town']),
  is(
    'PRAGMA table_info',
    "PRAGMA table_info('prices')",
    [0, 'moment', 'TIMESTAMP', false, null, false],
    [1, 'price', 'INTEGER', false, null, false],
  ),
  is(
    'information_schema',
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'prices' AND table_catalog = 'memory' ORDER BY ordinal_position",
    ['moment'],
    ['price'],
  ),
  is(
    'duckdb_tables',
    "SELECT estimated_size::INTEGER AS n FROM duckdb_tables() WHERE table_name = 'sales'",
    [5],
  ),
  is('pg_catalog', "SELECT count(*)::INTEGER AS n FROM pg_catalog.pg_class WHERE relname = 'sales'", [1]),
  is('typeof and current names', 'SELECT typeof(1.5) AS t, current_catalog() AS c, current_schema() AS s', [
    'DECIMAL(2,1)',
    'memory',
    'main',
  ]),
  is('EXPLAIN', "SELECT explain_key FROM (VALUES (1)) AS t(i), (SELECT 'physical_plan' AS explain_key)", [
    'physical_plan',
  ]),
  is('VALUES', "VALUES (1, 'a'), (2, 'b')", [1, 'a'], [2, 'b']),
  is('TABLE', 'TABLE prices LIMIT 0'),
  is('FROM first', 'FROM sales SELECT max(year)', [2025]),
  is('SAMPLE', 'SELECT count(*)::INTEGER AS n FROM (FROM range(1000) USING SAMPLE 10 ROWS)', [10]),
  is(
    'TABLESAMPLE',
    'SELECT count(*) BETWEEN 0 AND 1000 AS n FROM range(1000) TABLESAMPLE 10 PERCENT (bernoulli, 42)',
    [true],
  ),
  is('LIMIT by percent', 'SELECT count(*)::INTEGER AS n FROM (FROM range(10) LIMIT 20%)', [2]),
  is(
    'CASE, COALESCE, TRY_CAST',
    "SELECT CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END AS c, coalesce(NULL, 7) AS o, try_cast('x' AS INTEGER) AS t",
    ['b', 7, null],
  ),
  is('a friendly alias', 'SELECT twice: 21 * 2, twice / 2 AS once', [42, 21]),
];

const CHANGES: readonly Everyday[] = [
  after(
    'INSERT OR REPLACE',
    ["INSERT INTO stock VALUES (1, 'cup', 5)", "INSERT OR REPLACE INTO stock VALUES (1, 'mug', 6)"],
    'FROM stock',
    [1, 'mug', 6],
  ),
  after('INSERT OR IGNORE', ["INSERT OR IGNORE INTO stock VALUES (1, 'jug', 0)"], 'FROM stock', [
    1,
    'mug',
    6,
  ]),
  after(
    'ON CONFLICT',
    ["INSERT INTO stock (id, item) VALUES (1, 'pot') ON CONFLICT (id) DO UPDATE SET n = n + 1"],
    'FROM stock',
    [1, 'mug', 7],
  ),
  is('RETURNING', "INSERT INTO stock (id, item) VALUES (2, 'pan') RETURNING id, n", [2, 1]),
  is('UPDATE … RETURNING', 'UPDATE stock SET n = 9 WHERE id = 2 RETURNING item', ['pan']),
  is('DELETE … RETURNING', 'DELETE FROM stock WHERE id = 2 RETURNING id', [2]),
  after(
    'MERGE',
    [
      'MERGE INTO stock USING (VALUES (1, 1), (3, 4)) AS s(id, n) ON stock.id = s.id WHEN MATCHED THEN UPDATE SET n = stock.n + s.n WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, s.n)',
    ],
    'SELECT id, n FROM stock ORDER BY id',
    [1, 8],
    [3, 4],
  ),
  after(
    'UPDATE … FROM',
    ['UPDATE stock SET n = f.n FROM (SELECT 3 AS id, 40 AS n) AS f WHERE stock.id = f.id'],
    'SELECT n FROM stock WHERE id = 3',
    [40],
  ),
  after(
    'DELETE … USING',
    ['DELETE FROM stock USING (SELECT 3 AS id) AS d WHERE stock.id = d.id'],
    'SELECT id FROM stock',
    [1],
  ),
  after(
    'generated columns',
    [
      'CREATE TABLE boxes (w INTEGER, h INTEGER, area INTEGER GENERATED ALWAYS AS (w * h))',
      'INSERT INTO boxes VALUES (3, 4)',
    ],
    'SELECT area FROM boxes',
    [12],
  ),
  after(
    'ENUMs',
    ["CREATE TYPE mood AS ENUM ('low', 'high')"],
    "SELECT 'low'::mood < 'high'::mood AS l, enum_range(NULL::mood)::VARCHAR AS r",
    [true, '[low, high]'],
  ),
  after(
    'sequences',
    [
      'CREATE SEQUENCE ids START 100',
      "CREATE TABLE numbered (id INTEGER DEFAULT nextval('ids'), t VARCHAR)",
      "INSERT INTO numbered (t) VALUES ('a'), ('b')",
    ],
    'SELECT id FROM numbered ORDER BY id',
    [100],
    [101],
  ),
  after(
    'indexes',
    ['CREATE INDEX by_year ON sales (year)', 'CREATE UNIQUE INDEX by_item ON stock (item)'],
    "SELECT index_name FROM duckdb_indexes() WHERE index_name LIKE 'by_%' ORDER BY ALL",
    ['by_item'],
    ['by_year'],
  ),
  after(
    'DROP INDEX',
    ['DROP INDEX by_item'],
    "SELECT count(*)::INTEGER AS n FROM duckdb_indexes() WHERE index_name = 'by_item'",
    [0],
  ),
  after(
    'views',
    ['CREATE OR REPLACE VIEW big AS SELECT * FROM sales WHERE amount > 15'],
    'SELECT count(*)::INTEGER AS n FROM big',
    [2],
  ),
  after(
    'temporary tables',
    ['CREATE TEMP TABLE mine AS SELECT 5 AS i', 'INSERT INTO mine VALUES (6)'],
    'SELECT sum(i)::INTEGER AS s FROM mine',
    [11],
  ),
  after(
    'schemas',
    ['CREATE SCHEMA IF NOT EXISTS lab', 'CREATE TABLE lab.t AS SELECT 1 AS i'],
    'FROM memory.lab.t',
    [1],
  ),
  after('USE', ['USE memory.lab'], 'SELECT i FROM t', [1]),
  after('USE of an attached database', ['USE shop'], 'SELECT count(*)::INTEGER AS n FROM drinks', [12]),
  after('USE back', ['USE memory.main'], 'SELECT current_schema() AS s', ['main']),
  after(
    'ALTER TABLE',
    [
      'ALTER TABLE lab.t ADD COLUMN j INTEGER DEFAULT 2',
      'ALTER TABLE lab.t RENAME COLUMN i TO k',
      'ALTER TABLE lab.t RENAME TO u',
    ],
    'FROM lab.u',
    [1, 2],
  ),
  after(
    'DROP SCHEMA',
    ['DROP SCHEMA lab CASCADE'],
    "SELECT count(*)::INTEGER AS n FROM duckdb_schemas() WHERE schema_name = 'lab'",
    [0],
  ),
  after(
    'COMMENT ON',
    ["COMMENT ON TABLE sales IS 'what was sold'"],
    "SELECT comment FROM duckdb_tables() WHERE table_name = 'sales'",
    ['what was sold'],
  ),
  after(
    'a transaction that is rolled back',
    ['BEGIN', 'DELETE FROM sales', 'ROLLBACK'],
    'SELECT count(*)::INTEGER AS n FROM sales',
    [5],
  ),
  after(
    'a transaction that is committed',
    ['BEGIN TRANSACTION', "INSERT INTO prices VALUES ('2025-01-02', 120)", 'COMMIT'],
    'SELECT max(price) AS p FROM prices',
    [120],
  ),
  after(
    'TRUNCATE',
    ['CREATE TABLE gone AS FROM range(3)', 'TRUNCATE gone'],
    'SELECT count(*)::INTEGER AS n FROM gone',
    [0],
  ),
  after('VACUUM and ANALYZE', ['VACUUM', 'ANALYZE'], 'SELECT 1 AS i', [1]),
  after('CHECKPOINT', ['CHECKPOINT'], 'SELECT 1 AS i', [1]),
  after(
    'a foreign key',
    [
      'CREATE TABLE parents (id INTEGER PRIMARY KEY)',
      'CREATE TABLE children (id INTEGER REFERENCES parents (id), CHECK (id > 0))',
      'INSERT INTO parents VALUES (1)',
      'INSERT INTO children VALUES (1)',
    ],
    'FROM children',
    [1],
  ),
  after(
    'CREATE TABLE … AS from attached data',
    ['CREATE TABLE cities AS SELECT DISTINCT city FROM shop.branches'],
    'SELECT count(*)::INTEGER AS n FROM cities',
    [12],
  ),
  after(
    'macros',
    [
      'CREATE MACRO twice(a) AS a * 2',
      'CREATE OR REPLACE MACRO upto(n := 2) AS TABLE SELECT i FROM range(n) AS r(i)',
    ],
    'SELECT twice(i) AS t FROM upto(n := 3)',
    [0],
    [2],
    [4],
  ),
  after('variables', ['SET VARIABLE answer = 42'], "SELECT getvariable('answer') AS a", [42]),
  after(
    'SQL PREPARE and EXECUTE',
    ['PREPARE plus AS SELECT $1::INTEGER + $2::INTEGER AS s'],
    'EXECUTE plus(40, 2)',
    [42],
  ),
  after('DEALLOCATE', ['DEALLOCATE plus'], 'SELECT 1 AS i', [1]),
];

/** Words with which refused statements begin, and refused functions' names: as names of the user's own things. */
export const WORDS = (
  'load copy attach detach install query secret set pragma export import checkpoint ' +
  'call execute prepare reset use database extensions force explain postgres_query query_table'
).split(' ');
/** Functions that engines refuse can't be shadowed by macros, nor can words that DuckDB keeps for itself. */
const NO_MACRO = new Set(['query', 'query_table', 'postgres_query', 'checkpoint']);

const NAMES: readonly Everyday[] = WORDS.flatMap((word) => [
  after(
    `a table, a column and aliases named ${word}`,
    [
      `CREATE TABLE ${word} (${word} INTEGER, other INTEGER)`,
      `INSERT INTO ${word} (${word}, other) VALUES (1, 2)`,
      `UPDATE ${word} SET ${word} = ${word} + 1`,
      `ALTER TABLE ${word} RENAME other TO another`,
    ],
    `SELECT ${word}.${word} AS ${word}, max(${word}) AS most FROM ${word} AS ${word} WHERE ${word} > 0 GROUP BY ${word} ORDER BY ${word}`,
    [2, 2],
  ),
  after(
    `an index on ${word} and lists of columns behind its name`,
    [
      `CREATE INDEX ${word} ON ${word} (${word})`,
      `INSERT INTO ${word} (${word}) VALUES (7)`,
      `DELETE FROM ${word} WHERE ${word} = 7`,
      `DROP INDEX ${word}`,
    ],
    `WITH first AS (SELECT 1), ${word}(a, ${word}) AS (SELECT 4, 5) SELECT ${word}.a, ${word}.${word} FROM ${word} AS ${word}(a, ${word})`,
    [4, 5],
  ),
  after(
    `a CTE and a view named ${word}`,
    [`DROP TABLE ${word}`, `CREATE VIEW ${word} AS SELECT 3 AS ${word}`],
    `WITH c AS (FROM ${word}) SELECT ${word} FROM c`,
    [3],
  ),
  ...(NO_MACRO.has(word)
    ? []
    : [
        after(`a macro named ${word}`, [`CREATE MACRO ${word}(a) AS a + 1`], `SELECT ${word}(41) AS i`, [42]),
      ]),
]);

export const EVERYDAY: readonly Everyday[] = [
  ...WINDOWS,
  ...GROUPS,
  ...JOINS,
  ...NESTED,
  ...TEXTS,
  ...TIMES,
  ...LOOKS,
  ...CHANGES,
  ...NAMES,
];

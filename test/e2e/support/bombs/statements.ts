import { statement, type Bomb } from './bomb.js';

const many = (count: number, make: (index: number) => string, between = ', ') =>
  Array.from({ length: count }, (_, index) => make(index)).join(between);
const nested = (open: string, depth: number, close = ')') =>
  `SELECT ${open.repeat(depth)}1${close.repeat(depth)}`;

/** More than an engine has, in one value or in many. */
export const MEMORY: readonly Bomb[] = [
  statement('a text of gigabytes', `SELECT length(repeat('x', 4000000000))`, 'size'),
  statement('texts of a gigabyte each', `SELECT repeat('x', 1073741824) FROM range(8)`),
  statement('a padded text', `SELECT length(format('{:>2000000000}', 1))`, 'size'),
  statement('a text that doubles', `SELECT length(${'replace('.repeat(30)}'x'${`, 'x', 'xx')`.repeat(30)})`),
  statement('a blob of texts', `SELECT octet_length(encode(repeat('ä', 1000000000)))`),
  statement('a list of a billion', 'SELECT len(range(1000000000))'),
  statement(
    'a list of series',
    `SELECT len(generate_series(TIMESTAMP '1900-01-01', TIMESTAMP '2100-01-01', INTERVAL 10 SECOND))`,
  ),
  statement(
    'a list that is transformed',
    'SELECT len(list_transform(range(200000000), lambda x: [x, x, x]))',
  ),
  statement('a list that is resized', 'SELECT len(list_resize([1], 4000000000, 2))', 'size'),
  statement('a split text', `SELECT len(string_split(repeat('a,', 200000000), ','))`),
  statement('all words of a pattern', `SELECT len(regexp_extract_all(repeat('ab ', 100000000), '\\w+'))`),
  statement('a bit string', `SELECT bit_length(repeat('1', 2000000000)::BIT)`, 'size'),
  statement(
    'a JSON document',
    `SELECT json_array_length(('[' || repeat('{"a":[1,2]},', 40000000) || '1]')::JSON)`,
    'size',
  ),
  statement('one text of all rows', 'SELECT length(string_agg(md5(range::VARCHAR))) FROM range(50000000)'),
  statement('a list of all rows', 'SELECT len(list([range, range, range, range])) FROM range(100000000)'),
  statement(
    'a map of all rows',
    'SELECT cardinality(map(list(range), list(md5(range::VARCHAR)))) FROM range(30000000)',
  ),
  statement(
    'a histogram of all rows',
    'SELECT cardinality(histogram(md5(range::VARCHAR))) FROM range(50000000)',
  ),
  statement(
    'groups',
    'SELECT count(*) FROM (SELECT hash(range) AS h, list(md5(range::VARCHAR)) AS l FROM range(50000000) GROUP BY ALL)',
  ),
  statement(
    'a window over everything',
    'SELECT max(len(l)) FROM (SELECT list(range) OVER (ORDER BY range) AS l FROM range(300000))',
  ),
  statement(
    'a join of all with all, sorted',
    'SELECT a.range FROM range(30000) a, range(30000) b ORDER BY hash(a.range, b.range) OFFSET 899999999',
  ),
  statement(
    'tables that are attached, all with all',
    'SELECT count(DISTINCT hash(a, b, c)) FROM shop.orders AS a, shop.orders AS b, town.customers AS c',
  ),
  statement(
    'a pivot of everything',
    'PIVOT (SELECT range AS i, range % 90000 AS k FROM range(200000)) ON k USING sum(i)',
    'size',
  ),
  statement(
    'a table',
    'CREATE TABLE bomb AS SELECT md5(range::VARCHAR) AS a, sha256(range::VARCHAR) AS b FROM range(300000000)',
  ),
  statement(
    'a temporary table',
    'CREATE TEMP TABLE bomb AS SELECT uuid() AS a, random() AS b FROM range(1000000000)',
  ),
  statement('an index', 'CREATE TABLE keys (i UHUGEINT PRIMARY KEY)', 'served'),
  statement(
    'an index that grows',
    'INSERT INTO keys SELECT md5_number(range::VARCHAR) FROM range(100000000)',
  ),
  statement(
    'a recursion that keeps all',
    `WITH RECURSIVE r AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM r) SELECT max(length(s)) FROM r`,
    'size',
  ),
  statement(
    'a recursion that grows',
    'WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i * 2 + j FROM r, range(10) AS t (j)) SELECT count(*) FROM r',
    'size',
  ),
];

/** Deeper than a parser, a planner or a stack takes. */
export const DEPTH: readonly Bomb[] = [
  statement('functions', nested('abs(', 900), 'depth'),
  statement('list functions', nested('list_value(', 900), 'depth'),
  statement('parentheses', nested('(', 50_000), 'depth'),
  statement('brackets', nested('[', 50_000, ']'), 'depth'),
  statement('structs', nested(`{'a': `, 5000, '}'), 'depth'),
  statement('types', `SELECT NULL::${'STRUCT(a '.repeat(5000)}INT${')'.repeat(5000)}`, 'depth'),
  statement('arrays of arrays', `SELECT NULL::INT${'[]'.repeat(20_000)}`, 'depth', 'served'),
  statement('CASE', nested('CASE WHEN true THEN ', 5000, ' END'), 'depth'),
  statement('NOT', `SELECT ${'NOT '.repeat(50_000)}true`, 'depth', 'served'),
  statement('signs', `SELECT ${'- '.repeat(50_000)}1`, 'depth', 'served'),
  statement('casts', `SELECT 1${'::INT'.repeat(50_000)}`, 'depth', 'served'),
  statement('subqueries', `${'SELECT * FROM ('.repeat(3000)}SELECT 1${')'.repeat(3000)}`, 'depth'),
  statement('scalar subqueries', `SELECT ${'(SELECT '.repeat(3000)}1${')'.repeat(3000)}`, 'depth'),
  statement('CTEs in CTEs', `${'WITH c AS ('.repeat(2000)}SELECT 1${') FROM c'.repeat(2000)}`, 'depth'),
  statement(
    'a chain of CTEs',
    `WITH ${many(2000, (i) => `c${i} AS (${i === 0 ? 'SELECT 1 AS x' : `SELECT x FROM c${i - 1}`})`)} FROM c1999`,
    'depth',
    'served',
  ),
  statement(
    'CTEs that double',
    `WITH c0 AS (SELECT 1 AS x), ${many(40, (i) => `c${i + 1} AS NOT MATERIALIZED (SELECT a.x FROM c${i} AS a, c${i} AS b)`)} FROM c40`,
    'depth',
  ),
  statement('a sum', `SELECT ${many(5000, () => 'range', ' + ')} FROM range(2)`, 'depth'),
  statement('a concatenation', `SELECT ${many(50_000, () => `'x'`, ' || ')}`, 'depth'),
  statement('AND', `SELECT 1 WHERE ${many(5000, (i) => `${i} = ${i}`, ' AND ')}`, 'served', 'depth'),
  statement('a JSON text', `SELECT ('${'['.repeat(5_000_000)}')::JSON`, 'size', 'depth'),
  statement(
    'a JSON value',
    `SELECT json_structure(${`'[' || repeat('[', 200000) || repeat(']', 200000) || ']'`})`,
    'size',
    'depth',
    'served',
  ),
  statement(
    'a JSON value to nested lists',
    `SELECT from_json(repeat('[', 100000) || repeat(']', 100000), '"JSON"')`,
    'size',
    'depth',
    'served',
  ),
  statement(
    'macros in macros',
    `CREATE OR REPLACE MACRO deep(x) AS ${'abs('.repeat(150)}x${')'.repeat(150)}`,
    'served',
    'depth',
  ),
  statement('macros called in macros', `SELECT ${'deep('.repeat(20)}1${')'.repeat(20)}`, 'served', 'depth'),
];

/** Wider than anybody needs. */
export const WIDTH: readonly Bomb[] = [
  statement('columns', `SELECT ${many(100_000, (i) => `${i} AS c${i}`)}`, 'served'),
  statement(
    'columns of a table',
    `CREATE OR REPLACE TABLE wide (${many(50_000, (i) => `c${i} INT`)})`,
    'served',
  ),
  statement(
    'columns of a join of that table',
    'SELECT count(*) FROM (SELECT * FROM wide AS a, wide AS b, wide AS c) AS t',
    'served',
    'depth',
    'size',
  ),
  statement(
    'UNION ALL',
    many(20_000, () => 'SELECT 1', ' UNION ALL '),
    'depth',
    'served',
  ),
  statement('an IN list', `SELECT 1 WHERE 1 IN (${many(200_000, (i) => `${i + 2}`)})`, 'served'),
  statement(
    'an IN list of a column',
    `SELECT count(*) FROM range(10) WHERE range IN (${many(200_000, (i) => `${i + 2} + range`)})`,
    'served',
  ),
  statement('VALUES', `FROM (VALUES ${many(200_000, (i) => `(${i}, 'x')`)}) AS v LIMIT 1`, 'served'),
  statement('a list literal', `SELECT len([${many(200_000, (i) => `${i}`)}])`, 'served'),
  statement('a struct literal', `SELECT {${many(20_000, (i) => `'k${i}': ${i}`)}}`, 'served'),
  statement(
    'joins',
    `SELECT count(*) FROM range(1) AS t0 ${many(1000, (i) => `JOIN range(1) AS t${i + 1} ON t${i}.range = t${i + 1}.range`, ' ')}`,
    'depth',
    'served',
  ),
  statement(
    'joins of all with all',
    `SELECT count(*) FROM ${many(300, (i) => `range(2) AS t${i} (x)`)} WHERE ${many(299, (i) => `t${i}.x <= t${i + 1}.x`, ' AND ')}`,
    'depth',
    'served',
  ),
  statement(
    'grouping sets',
    `SELECT count(*) FROM (SELECT 1 ${many(17, (i) => `, ${i} AS c${i}`, '')}) GROUP BY CUBE (${many(17, (i) => `c${i}`)})`,
    'size',
    'served',
  ),
  statement('a statement longer than any', `SELECT '${'x'.repeat(17 * 1024 ** 2)}'`, 'length'),
  statement('a name as long as can be', `SELECT 1 AS "${'x'.repeat(15 * 1024 ** 2)}"`, 'served', 'size'),
  statement('numbers of many digits', `SELECT ${'9'.repeat(10_000_000)}`, 'served', 'size'),
  statement(
    'decimals',
    `SELECT sum(99999999999999999999999999999999999999::DECIMAL(38, 0)) FROM range(100)`,
    'size',
  ),
  statement('factorials', 'SELECT factorial(2000000000)', 'size'),
  statement('a power', `SELECT (2::HUGEINT ** 4000)::VARCHAR::HUGEINT`, 'size'),
  statement(
    'a series of intervals',
    `SELECT count(*) FROM generate_series(TIMESTAMP '0001-01-01', TIMESTAMP '9999-12-31', INTERVAL 1 MICROSECOND)`,
    'served',
  ),
];

/** Longer than the limit of time. */
export const TIME: readonly Bomb[] = [
  statement(
    'a join without an end',
    'SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b',
  ),
  statement(
    'a recursion without an end',
    'WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r',
  ),
  statement(
    'a recursion without an end or a row more',
    'WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i FROM r) SELECT count(*) FROM r',
  ),
  statement(
    'a series without an end',
    'SELECT count(*) FROM generate_series(1, 9000000000000000000) AS s (i) WHERE hash(i) = 1',
  ),
  statement(
    'a rollback that has much to undo',
    'CREATE TABLE undone AS SELECT a.range FROM range(100000000) a, range(100000000) b WHERE a.range + b.range < 0',
  ),
  statement('sleep', 'SELECT sleep_ms(3600000)'),
  statement('the sleep of others', 'SELECT pg_sleep(3600)'),
  statement(
    'what DuckDB does not interrupt',
    `SELECT levenshtein(repeat('a', 400000), repeat('b', 400000) || range) FROM range(2)`,
  ),
  statement(
    'a list that is sorted again and again',
    'SELECT sum(len(list_sort(list_transform(range(100000), lambda x: hash(x + range))))) FROM range(1000000)',
  ),
  statement(
    'a pattern',
    `SELECT count(*) FROM range(100000000) WHERE regexp_matches(repeat('a', 3000) || range, '(a*)*(a*)*b')`,
  ),
  statement(
    'a pattern that repeats itself',
    `SELECT count(*) FROM range(100000000) WHERE regexp_full_match(repeat('a', 500) || range, '((a{1,30}){1,30})*b')`,
    'size',
  ),
  statement(
    'LIKE',
    `SELECT count(*) FROM range(100000000) WHERE repeat('ab', 20000) || range LIKE '%a%b%a%b%a%b%c'`,
  ),
  statement(
    'a comparison of all with all',
    `SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE md5(a.range::VARCHAR) LIKE '%' || b.range || '%'`,
  ),
  statement(
    'a plan alone',
    `EXPLAIN SELECT * FROM ${many(14, (i) => `range(10) AS t${i} (x)`)} WHERE ${many(13, (i) => many(13 - i, (j) => `t${i}.x + t${i + j + 1}.x = 1`, ' AND '), ' AND ')}`,
    'served',
  ),
];

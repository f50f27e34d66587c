import type { Attack } from './attack.js';
import { hits, out, settingIs, spareFile, spoil } from './effects.js';

type Wrapping = readonly [name: string, wrap: (sql: string) => string];
const WRAPPED: readonly Wrapping[] = [
  ['EXPLAIN ANALYZE', (sql) => `EXPLAIN ANALYZE ${sql}`],
  ['EXPLAIN with options', (sql) => `EXPLAIN (ANALYZE, FORMAT json) ${sql}`],
  ['EXPLAIN ANALYZE past comments', (sql) => `/* */ EXPLAIN/**/ANALYZE -- SELECT\n${sql}`],
];

/** Statements within others: what is checked of the first word does not see them. */
export const WITHIN: readonly Attack[] = [
  ...WRAPPED.map(([technique, wrap]): Attack => ({
    hole: 'COPY over an attached file',
    technique,
    without: 'guard',
    steps: (world) => [wrap(spoil(world))],
    effect: spareFile,
    breaks: true,
  })),
  ...['p', '"select"', 'p (VARCHAR)'].map((name, index): Attack => ({
    hole: 'COPY over an attached file',
    technique: `PREPARE ${name}`,
    without: 'guard',
    steps: (world) =>
      index === 2
        ? [`PREPARE p AS ${spoil(world)}`, 'EXPLAIN ANALYZE EXECUTE p']
        : [`PREPARE ${name} AS ${spoil(world)}`, `EXECUTE ${name}`],
    effect: spareFile,
    breaks: true,
  })),
  ...WRAPPED.map(([technique, wrap]): Attack => ({
    hole: 'COPY to any file',
    technique,
    without: 'external access',
    steps: (world) => [wrap(`COPY (SELECT 1) TO '${world.out('copied')}'`)],
    effect: out('copied'),
  })),
  {
    hole: 'COPY to any file',
    technique: 'SQL PREPARE',
    without: 'external access',
    steps: (world, n) => [`PREPARE p${n} AS COPY (SELECT 1) TO '${world.out('copied')}'`, `EXECUTE p${n}`],
    effect: out('copied'),
  },
  {
    hole: 'transactions behind the session',
    technique: 'EXPLAIN ANALYZE BEGIN',
    without: 'guard',
    steps: (_world, n) => [
      `CREATE TABLE b${n} (i INTEGER)`,
      'EXPLAIN ANALYZE BEGIN',
      `INSERT INTO b${n} VALUES (41 + 1)`,
      'ROLLBACK',
      `SELECT count(*)::VARCHAR || ' rows' AS x FROM b${n}`,
    ],
    effect: { returns: '0 rows' },
  },
  ...['PRAGMA enable_profiling', 'PRAGMA "ENABLE_PROFILING"', 'PRAGMA "Enable_Profile"'].flatMap((sql) =>
    [
      ['plain', sql],
      ['EXPLAIN ANALYZE', `EXPLAIN ANALYZE ${sql}`],
    ].map(([technique = '', statement = '']): Attack => ({
      hole: `plans on standard output: ${sql}`,
      technique,
      without: 'guard',
      steps: () => [statement],
      effect: settingIs('enable_profiling'),
      breaks: true,
    })),
  ),
];

/** As deep as DuckDB's parser goes, more or less: what stands within it can't be wrapped once more. */
const DEPTHS = [93, 94, 95, 96, 97, 98];
const nested = (sql: string, depth: number) => `${'FROM ('.repeat(depth)}${sql}${')'.repeat(depth)}`;

/**
 * Columns that Arrow can't have are cast to text by a query around the client's. Where that query was cut within a text,
 * the name of a column would be read as SQL.
 */
export const REWRITTEN: readonly Attack[] = (
  [
    ['a text cut at its semicolon', "'x;' AS b", "' AS b"],
    ['a text of escapes cut at its semicolon', "E'\\'x;' AS b", "' AS b"],
    ['a dollar text cut at its semicolon', '$$x;$$ AS b', '$$ AS b'],
    ['a name cut at its semicolon', '1 AS "x;"', ''],
    ['a comment cut at its semicolon', '1 /* x; */ AS b', '*/ AS b'],
  ] as const
).map(([technique, column, close]): Attack => ({
  hole: 'postgres_execute past READ_ONLY',
  technique,
  without: 'cutting of statements',
  steps: ({ schema }) =>
    DEPTHS.map((depth) => {
      const call = `postgres_execute('pg', 'COMMIT; INSERT INTO ${schema}.hits VALUES (1); BEGIN')`;
      const name = `${close}) AS r, ${call} AS s SELECT s.* --`;
      return `SELECT '1'::BIT AS "${name}", ${column} FROM (${nested('SELECT 1', depth)})`;
    }),
  effect: hits,
  way: 'cast',
}));

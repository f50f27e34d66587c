/** A function as a hole: its name and its arguments in SQL. */
export interface Call {
  readonly name: string;
  readonly args: string;
}

interface Technique {
  readonly name: string;
  readonly steps: (call: Call, number: number) => string[];
}

/** A technique of one statement. */
const one = (name: string, sql: (call: Call) => string): Technique => ({
  name,
  steps: (call) => [sql(call)],
});
const text = ({ name, args }: Call) => `${name}(${args})`;

/** Ways to call a table function, from the plain one to those that hide it from who reads the text. */
export const CALLS: readonly Technique[] = [
  one('plain', (call) => `FROM ${text(call)}`),
  one('SELECT', (call) => `SELECT * FROM ${text(call)} AS t`),
  one('capitals', ({ name, args }) => `from ${name.toUpperCase()}(${args})`),
  one('quoted name', ({ name, args }) => `FROM "${name}"(${args})`),
  one('quoted name in capitals', ({ name, args }) => `FROM "${name.toUpperCase()}" (${args})`),
  one('qualified name', (call) => `FROM system.main.${text(call)}`),
  one('quoted qualified name', ({ name, args }) => `FROM "system" . "main" . "${name}" (${args})`),
  one('comment', ({ name, args }) => `/* ; */ FROM/**/${name}/* ( */(${args})`),
  one('nested comment', ({ name, args }) => `FROM ${name}/* /* */ ' */ -- "\n(${args})`),
  one('comment that a carriage return ends', ({ name, args }) => `FROM -- ${name}(\r${name}(${args})`),
  one('no-break space', ({ name, args }) => `FROM\u00a0${name}\u00a0(${args})`),
  one('ideographic space', ({ name, args }) => `FROM\u3000${name}\u3000(${args})`),
  one('zero-width space', ({ name, args }) => `FROM\u200b${name}\u200b(${args})`),
  one('byte order mark', ({ name, args }) => `\ufeffFROM ${name}\ufeff(${args})`),
  one('CTE', (call) => `WITH c AS (SELECT * FROM ${text(call)} AS t) SELECT * FROM c`),
  one('recursive CTE', (call) => {
    const anchor = `SELECT 1 AS i, max(t::VARCHAR) AS x FROM ${text(call)} AS t`;
    return `WITH RECURSIVE r AS (${anchor} UNION ALL SELECT i + 1, x FROM r WHERE i < 2) FROM r`;
  }),
  one('subquery', (call) => `SELECT * FROM (SELECT * FROM (FROM ${text(call)} AS t) AS u) AS v`),
  one('scalar subquery', (call) => `SELECT (SELECT max(t::VARCHAR) FROM ${text(call)} AS t) AS x`),
  one('join', (call) => `SELECT * FROM (VALUES (1)) AS a(i), ${text(call)} AS t`),
  one('lateral join', (call) => `SELECT * FROM (VALUES (1)) AS a(i), LATERAL (FROM ${text(call)}) AS t`),
  one('UNION', (call) => `SELECT 'a' UNION ALL SELECT t::VARCHAR FROM ${text(call)} AS t`),
  one('text before it that looks open', (call) => `SELECT E'\\'' AS a, '\\' AS b, * FROM ${text(call)} AS t`),
  one('dollar text before it', (call) => `SELECT $a$ $$ ' $a$ AS a, * FROM ${text(call)} AS t`),
  one('quoted name before it', (call) => `SELECT 1 AS "a "" ' /*", * FROM ${text(call)} AS t`),
  {
    name: 'view',
    steps: (call, n) => [`CREATE VIEW v${n} AS SELECT * FROM ${text(call)} AS t`, `FROM v${n}`],
  },
  {
    name: 'macro',
    steps: (call, n) => [
      `CREATE MACRO m${n}() AS (SELECT max(t::VARCHAR) FROM ${text(call)} AS t)`,
      `SELECT m${n}()`,
    ],
  },
  {
    name: 'table macro',
    steps: (call, n) => [`CREATE MACRO m${n}() AS TABLE SELECT * FROM ${text(call)} AS t`, `FROM m${n}()`],
  },
  {
    name: 'SQL PREPARE',
    steps: (call, n) => [`PREPARE p${n} AS SELECT * FROM ${text(call)} AS t`, `EXECUTE p${n}`],
  },
  {
    name: 'CREATE TABLE AS',
    steps: (call, n) => [`CREATE TABLE t${n} AS FROM ${text(call)}`, `FROM t${n}`],
  },
  {
    name: 'INSERT',
    steps: (call, n) => [
      `CREATE TABLE t${n} (x VARCHAR)`,
      `INSERT INTO t${n} SELECT t::VARCHAR FROM ${text(call)} AS t`,
      `FROM t${n}`,
    ],
  },
  {
    name: 'MERGE',
    steps: (call, n) => [
      `CREATE TABLE t${n} (x VARCHAR)`,
      `MERGE INTO t${n} USING (SELECT t::VARCHAR AS x FROM ${text(call)} AS t) AS s ON false WHEN NOT MATCHED THEN INSERT`,
      `FROM t${n}`,
    ],
  },
  {
    name: 'SET VARIABLE',
    steps: (call, n) => [
      `SET VARIABLE v${n} = (SELECT max(t::VARCHAR) FROM ${text(call)} AS t)`,
      `SELECT getvariable('v${n}')`,
    ],
  },
  {
    name: 'ENUM',
    steps: (call, n) => [
      `CREATE TYPE e${n} AS ENUM (SELECT t::VARCHAR FROM ${text(call)} AS t)`,
      `SELECT enum_range(NULL::e${n})`,
    ],
  },
];

/** Ways to write the argument of a function, where it is one text. */
export const ARGUMENTS: readonly Technique[] = [
  {
    name: 'variable',
    steps: ({ name, args }, n) => [`SET VARIABLE a${n} = ${args}`, `FROM ${name}(getvariable('a${n}'))`],
  },
  {
    name: 'parameter of EXECUTE',
    steps: ({ name, args }, n) => [`PREPARE p${n} AS FROM ${name}($1)`, `EXECUTE p${n}(${args})`],
  },
  {
    name: 'parameter of a macro',
    steps: ({ name, args }, n) => [`CREATE MACRO m${n}(a) AS TABLE FROM ${name}(a)`, `FROM m${n}(${args})`],
  },
  one('concatenation', ({ name, args }) => `FROM ${name}(${args} || '')`),
  one('dollar quotes', ({ name, args }) => `FROM ${name}($a$${args.slice(1, -1).replaceAll("''", "'")}$a$)`),
  one('escapes', ({ name, args }) => {
    const hex = Buffer.from(args.slice(1, -1).replaceAll("''", "'")).toString('hex');
    return `FROM ${name}(E'${hex.replaceAll(/../g, '\\x$&')}')`;
  }),
];

/** Ways to send a statement whose first word is what counts. */
export const STATEMENTS: readonly { readonly name: string; readonly sql: (statement: string) => string }[] = [
  { name: 'plain', sql: (sql) => sql },
  { name: 'small letters', sql: (sql) => sql.replace(/^\w+/, (word) => word.toLowerCase()) },
  { name: 'comment before', sql: (sql) => `/* SELECT */ ${sql}` },
  { name: 'nested comment before', sql: (sql) => `/* /* */ SELECT 1 -- */ ${sql}` },
  { name: 'line comment before', sql: (sql) => `-- SELECT 1\r${sql}` },
  { name: 'semicolons before', sql: (sql) => `; ;${sql};` },
  { name: 'no-break space', sql: (sql) => `\u00a0${sql.replace(' ', '\u00a0')}` },
  { name: 'zero-width space', sql: (sql) => `\u200b${sql}` },
  { name: 'comment within', sql: (sql) => sql.replace(' ', '/**/') },
  { name: 'several statements', sql: (sql) => `SELECT 1; ${sql}` },
  { name: 'several statements past a text', sql: (sql) => `SELECT E'\\'' AS a, $$;$$ AS b; ${sql}` },
  { name: 'several statements past a comment', sql: (sql) => `SELECT 1 /* ' */; ${sql} --'` },
];

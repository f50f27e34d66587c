import { readFileSync } from 'node:fs';
import { postgresPassword, type Login } from '../postgres.js';
import type { Attack, Effect, Protection, Way } from './attack.js';
import { ARGUMENTS, CALLS, STATEMENTS, type Call } from './techniques.js';
import { marker, type World } from './world.js';

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const dsn = ({ host, port, user, database }: Login) =>
  `host=${host} port=${port} user=${user} dbname=${database} password='${postgresPassword.replaceAll(/['\\]/g, '\\$&')}'`;
const writer = (world: World) => literal(dsn(world.postgres.login('writer')));

interface CallHole {
  readonly hole: string;
  readonly without: Protection;
  readonly call: (world: World) => Call;
  readonly effect: Effect;
  /** Names of techniques; all of them where it is absent. */
  readonly techniques?: readonly string[];
  /** Techniques that this function does not take. */
  readonly but?: readonly string[];
  /** Whether its only argument is a text that can be written in other ways. */
  readonly textArgument?: boolean;
}

interface StatementHole {
  readonly hole: string;
  readonly without: Protection;
  readonly statement: (world: World, number: number) => string | Promise<string>;
  readonly before?: (world: World, number: number) => string[];
  readonly after?: (world: World, number: number) => string[];
  readonly effect: Effect;
  readonly techniques?: readonly string[];
  readonly breaks?: boolean;
}

const returnsMarker: Effect = { returns: marker };
const hits: Effect = { changes: (world) => world.hits() };
const few = (
  'plain,capitals,quoted name,qualified name,nested comment,no-break space,' +
  'CTE,scalar subquery,view,table macro,SQL PREPARE,CREATE TABLE AS'
).split(',');
const serialized = (sql: string) => `json_serialize_sql(${literal(sql)})`;
const scanOther = (world: World) => `FROM sqlite_scan('${world.path('other.sqlite')}', 'notes')`;

/** Functions that reach past what is promised. */
const CALL_HOLES: readonly CallHole[] = [
  {
    hole: 'read_text of any file',
    without: 'external access',
    call: (world) => ({ name: 'read_text', args: literal(world.path('secret.txt')) }),
    effect: returnsMarker,
    textArgument: true,
  },
  {
    hole: 'read_blob of any file',
    without: 'external access',
    call: (world) => ({ name: 'read_blob', args: literal(world.path('secret.txt')) }),
    effect: returnsMarker,
    techniques: few,
  },
  {
    hole: 'read_csv of any file',
    without: 'external access',
    call: (world) => ({ name: 'read_csv', args: literal(world.path('secret.csv')) }),
    effect: returnsMarker,
    techniques: few,
  },
  {
    hole: 'read_json of any file',
    without: 'external access',
    call: (world) => ({ name: 'read_json', args: literal(world.path('secret.json')) }),
    effect: returnsMarker,
    techniques: few,
  },
  {
    hole: 'read_parquet of any file',
    without: 'external access',
    call: (world) => ({ name: 'read_parquet', args: literal(world.path('secret.parquet')) }),
    effect: returnsMarker,
    techniques: few,
  },
  {
    hole: 'read_duckdb of any file',
    without: 'external access',
    call: (world) => ({ name: 'read_duckdb', args: literal(world.path('other.duckdb')) }),
    effect: returnsMarker,
    techniques: few,
  },
  {
    hole: 'glob of any folder',
    without: 'external access',
    call: (world) => ({ name: 'glob', args: literal(world.path('*.parquet')) }),
    effect: { returns: 'secret.parquet' },
    techniques: ['plain', 'view', 'SQL PREPARE'],
  },
  {
    hole: 'sqlite_scan of any file',
    without: 'guard',
    call: (world) => ({ name: 'sqlite_scan', args: `${literal(world.path('other.sqlite'))}, 'notes'` }),
    effect: returnsMarker,
  },
  {
    hole: 'postgres_execute past READ_ONLY',
    without: 'guard',
    call: ({ schema }) => ({
      name: 'postgres_execute',
      args: `'pg', 'COMMIT; INSERT INTO ${schema}.hits VALUES (1); BEGIN'`,
    }),
    effect: hits,
  },
  {
    hole: 'postgres_query in the place of a table',
    without: 'guard',
    call: ({ schema }) => ({ name: 'postgres_query', args: `'pg', 'SELECT note FROM ${schema}.kept'` }),
    effect: returnsMarker,
  },
  {
    hole: 'postgres_scan of any server',
    without: 'guard',
    call: (world) => ({ name: 'postgres_scan', args: `${writer(world)}, '${world.schema}', 'kept'` }),
    effect: returnsMarker,
    techniques: few,
  },
  {
    hole: 'postgres_scan_pushdown of any server',
    without: 'guard',
    call: (world) => ({
      name: 'postgres_scan_pushdown',
      args: `${writer(world)}, '${world.schema}', 'kept'`,
    }),
    effect: returnsMarker,
    techniques: few,
  },
  {
    hole: 'query() of text',
    without: 'guard',
    call: (world) => ({ name: 'query', args: literal(scanOther(world)) }),
    effect: returnsMarker,
    textArgument: true,
  },
  {
    hole: 'query() of text in pieces',
    without: 'guard',
    call: (world) => ({
      name: 'query',
      args: `'FROM sqlite_' || ${literal(scanOther(world).replace('FROM sqlite_', ''))}`,
    }),
    effect: returnsMarker,
    techniques: few,
  },
  {
    hole: 'a serialized statement',
    without: 'guard',
    call: (world) => ({ name: 'json_execute_serialized_sql', args: serialized(scanOther(world)) }),
    effect: returnsMarker,
    techniques: few,
  },
];

const spoil = (world: World) =>
  `COPY (SELECT 'spoilt') TO '${world.path('spare.duckdb')}' (FORMAT csv, USE_TMP_FILE false)`;
const spareFile: Effect = { changes: (world) => readFileSync(world.path('spare.duckdb'), 'latin1') };
const out = (name: string): Effect => ({ makes: (world) => `${world.folder}/out/${name}` });

/** Statements that are not for users. */
const STATEMENT_HOLES: readonly StatementHole[] = [
  {
    hole: 'COPY to any file',
    without: 'external access',
    statement: (world) => `COPY (SELECT 1) TO '${world.out('copied')}'`,
    effect: out('copied'),
  },
  {
    hole: 'COPY over an attached file',
    without: 'guard',
    statement: spoil,
    effect: spareFile,
    techniques: ['plain', 'comment before', 'semicolons before', 'several statements'],
    breaks: true,
  },
  {
    hole: 'COPY from any file',
    without: 'external access',
    before: (_world, n) => [`CREATE TABLE c${n} (note VARCHAR)`],
    statement: (world, n) => `COPY c${n} FROM '${world.path('secret.csv')}'`,
    after: (_world, n) => [`FROM c${n}`],
    effect: returnsMarker,
  },
  {
    hole: 'EXPORT DATABASE',
    without: 'external access',
    statement: (world) => `EXPORT DATABASE '${world.out('exported')}'`,
    effect: out('exported/schema.sql'),
    techniques: [
      'plain',
      'nested comment before',
      'line comment before',
      'zero-width space',
      'several statements',
    ],
  },
  {
    hole: 'IMPORT DATABASE',
    without: 'external access',
    before: () => ['DROP TABLE IF EXISTS imported'],
    statement: (world) => `IMPORT DATABASE '${world.path('dump')}'`,
    after: () => ['FROM imported'],
    effect: returnsMarker,
    techniques: [
      'plain',
      'nested comment before',
      'line comment before',
      'no-break space',
      'semicolons before',
    ],
  },
  {
    hole: 'ATTACH of any DuckDB file',
    without: 'external access',
    statement: (world, n) => `ATTACH '${world.path('other.duckdb')}' AS a${n} (READ_ONLY)`,
    after: (_world, n) => [`FROM a${n}.notes`, `DETACH a${n}`],
    effect: returnsMarker,
  },
  {
    hole: 'ATTACH that makes a SQLite file',
    without: 'guard',
    statement: (world, n) => `ATTACH '${world.out('made.sqlite')}' AS a${n} (TYPE sqlite)`,
    after: (_world, n) => [`CREATE TABLE a${n}.t (i INTEGER)`, `DETACH a${n}`],
    effect: out('made.sqlite'),
  },
  {
    hole: 'ATTACH of any server',
    without: 'external access',
    // Without any secret DuckDB looks for one in files, which is off from the start.
    before: () => ['CREATE TEMPORARY SECRET IF NOT EXISTS nothing (TYPE postgres)'],
    statement: (world, n) => `ATTACH ${writer(world)} AS a${n} (TYPE postgres, SECRET nothing)`,
    after: ({ schema }, n) => [`INSERT INTO a${n}.${schema}.hits VALUES (1)`, `DETACH a${n}`],
    effect: hits,
    techniques: ['plain', 'small letters', 'nested comment before', 'no-break space', 'several statements'],
  },
  {
    hole: 'DETACH and ATTACH for writing',
    without: 'guard',
    statement: () => 'DETACH spare',
    after: (world) => [
      `ATTACH '${world.path('spare.duckdb')}' AS spare`,
      "INSERT INTO spare.notes VALUES ('writ' || 'ten')",
      'FROM spare.notes',
    ],
    effect: { returns: 'written' },
    techniques: [
      'plain',
      'small letters',
      'nested comment before',
      'line comment before',
      'zero-width space',
    ],
    breaks: true,
  },
  {
    hole: 'ALTER DATABASE',
    without: 'guard',
    statement: () => 'ALTER DATABASE spare SET ALIAS TO stolen',
    effect: { changes: (_world, ask) => ask('SELECT database_name FROM duckdb_databases() ORDER BY ALL') },
    techniques: ['plain', 'comment within', 'no-break space'],
    breaks: true,
  },
  {
    hole: 'LOAD of any file',
    without: 'external access',
    statement: () => `LOAD '${extensionFile()}'`,
    after: () => ["SELECT count(*)::VARCHAR || ' queries' AS n FROM tpch_queries()"],
    effect: { returns: '22 queries' },
    techniques: ['plain', 'small letters', 'nested comment before', 'zero-width space', 'comment within'],
    breaks: true,
  },
  {
    hole: 'CREATE SECRET',
    without: 'guard',
    statement: (_world, n) => `CREATE SECRET s${n} (TYPE postgres, HOST 'nowhere')`,
    after: (_world, n) => [`SELECT name || '=' || type AS x FROM duckdb_secrets() WHERE name = 's${n}'`],
    effect: { returns: '=postgres' },
    techniques: ['plain', 'nested comment before', 'no-break space', 'comment within', 'several statements'],
  },
  {
    hole: 'logs of all statements',
    without: 'guard',
    statement: () => "CALL enable_logging('QueryLog')",
    after: () => [
      "SELECT 'lo' || 'gged' AS x",
      'SELECT min(message) || count(*)::VARCHAR AS x FROM duckdb_logs',
    ],
    effect: { returns: "'lo' || 'gged'" },
    techniques: ['plain', 'small letters', 'comment before', 'no-break space'],
    breaks: true,
  },
  {
    hole: 'logs to a file',
    without: 'external access',
    statement: (world) =>
      `CALL enable_logging('QueryLog', storage = 'file', storage_path = '${world.out('logs')}')`,
    after: () => ['SELECT 1', 'SELECT 2'],
    effect: out('logs'),
    techniques: ['plain', 'nested comment before', 'zero-width space'],
    breaks: true,
  },
  {
    hole: 'views over any SQLite file',
    without: 'guard',
    before: () => ['DROP VIEW IF EXISTS notes'],
    statement: (world) => `CALL sqlite_attach('${world.path('other.sqlite')}')`,
    after: () => ['FROM notes'],
    effect: returnsMarker,
    techniques: ['plain', 'small letters', 'nested comment before', 'no-break space'],
  },
  {
    hole: 'a serialized statement as a pragma',
    without: 'guard',
    statement: (world) => `PRAGMA json_execute_serialized_sql(${serialized(scanOther(world))})`,
    effect: returnsMarker,
    techniques: ['plain', 'small letters', 'nested comment before', 'line comment before'],
  },
];

/** Settings with values that differ from those in force. */
const SETTINGS: Readonly<Record<string, (number: number) => string>> = {
  memory_limit: (n) => `'${300 + n}MiB'`,
  threads: (n) => `${2 + n}`,
  max_temp_directory_size: (n) => `'${n}GiB'`,
  max_expression_depth: (n) => `${1000 + n}`,
  home_directory: (n) => `'elsewhere${n}'`,
  extension_directory: (n) => `'elsewhere${n}'`,
  custom_extension_repository: (n) => `'http://nowhere${n}'`,
  autoload_known_extensions: () => 'true',
  autoinstall_known_extensions: () => 'true',
  errors_as_json: () => 'true',
  preserve_insertion_order: () => 'true',
  http_proxy: (n) => `'nowhere${n}'`,
  pg_connection_limit: (n) => `${100 + n}`,
  default_null_order: () => "'nulls_first'",
};
const settingIs = (name: string): Effect => ({
  changes: (_world, ask) => ask(`SELECT current_setting('${name}') AS now`),
});

type Form = readonly [name: string, sql: (setting: string, value: string) => string];
const SETTING_FORMS: readonly Form[] = [
  ['SET', (name, value) => `SET ${name} = ${value}`],
  ['SET GLOBAL', (name, value) => `SET GLOBAL ${name} TO ${value}`],
  ['quoted name in capitals', (name, value) => `SET "${name.toUpperCase()}" = ${value}`],
  ['PRAGMA', (name, value) => `PRAGMA ${name} = ${value}`],
  ['PRAGMA with a quoted name', (name, value) => `PRAGMA "${name.toUpperCase()}" = ${value}`],
  ['EXPLAIN ANALYZE SET', (name, value) => `EXPLAIN ANALYZE SET ${name} = ${value}`],
  ['nested comment', (name, value) => `/* /* */ */ SET/**/GLOBAL/**/${name} = ${value}`],
  ['no-break space', (name, value) => `SET\u00a0${name}\u00a0=\u00a0${value}`],
];

const WRAPPED: readonly Form[] = [
  ['EXPLAIN ANALYZE', (sql) => `EXPLAIN ANALYZE ${sql}`],
  ['EXPLAIN with options', (sql) => `EXPLAIN (ANALYZE, FORMAT json) ${sql}`],
  ['EXPLAIN ANALYZE past comments', (sql) => `/* */ EXPLAIN/**/ANALYZE -- SELECT\n${sql}`],
];

/** Statements within others: what is checked of the first word does not see them. */
const WITHIN: readonly Attack[] = [
  ...WRAPPED.map(([technique, wrap]): Attack => ({
    hole: 'COPY over an attached file',
    technique,
    without: 'guard',
    steps: (world) => [wrap(spoil(world), '')],
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
    steps: (world) => [wrap(`COPY (SELECT 1) TO '${world.out('copied')}'`, '')],
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
const REWRITTEN: readonly Attack[] = (
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
  without: 'guard',
  steps: ({ schema }) =>
    DEPTHS.map((depth) => {
      const call = `postgres_execute('pg', 'COMMIT; INSERT INTO ${schema}.hits VALUES (1); BEGIN')`;
      const name = `${close}) AS r, ${call} AS s SELECT s.* --`;
      return `SELECT '1'::BIT AS "${name}", ${column} FROM (${nested('SELECT 1', depth)})`;
    }),
  effect: hits,
}));

const databasesTold: Effect = { returns: 'planted p@ss' };
const PASSWORDS: readonly Attack[] = [
  'FROM duckdb_databases()',
  'SELECT path FROM duckdb_databases()',
  "SELECT d FROM duckdb_databases() AS d WHERE database_name = 'pg'",
  'PRAGMA database_list',
  'CALL duckdb_databases()',
  'FROM pragma_database_list',
  'WITH d AS (FROM duckdb_databases()) SELECT to_json(d) AS j FROM d',
  'SELECT list(path) AS l FROM "DUCKDB_DATABASES"()',
].map((sql): Attack => ({
  hole: 'the password of an attached database',
  technique: sql,
  without: 'secret',
  steps: () => [sql],
  effect: databasesTold,
}));

/** Text of clients that becomes part of SQL: on the unprotected side as it is. */
const TEXTS: readonly Attack[] = (
  [
    ['ingest', 'name of a table', (more: string) => `harmless (i) VALUES (1); ${more}; --`],
    ['ingest', 'name of a table in quotes', (more: string) => `"harmless" (i) VALUES (1); ${more}; --`],
    ['options', 'catalog', (more: string) => `memory; ${more}; --`],
    ['options', 'schema', (more: string) => `main"; ${more}; --`],
    ['options', 'timezone', (more: string) => `UTC'; ${more}; --`],
    ['metadata', 'schema pattern', (more: string) => `%'; ${more}; --`],
    ['metadata', 'table pattern', (more: string) => `\\%'; ${more}; --`],
    ['metadata', 'catalog', (more: string) => `memory'; ${more}; --`],
  ] as const
).map(([way, technique, text]): Attack => ({
  hole: `text of a client as SQL: ${way}`,
  technique,
  without: 'quoting of names',
  steps: (_world, n) => [text(`CREATE TABLE memory.main.injected${n} (i INTEGER)`)],
  effect: {
    changes: (_world, ask) =>
      ask("SELECT count(*) AS n FROM duckdb_tables() WHERE table_name LIKE 'injected%'"),
  },
  way,
}));

const WRITES: readonly Attack[] = [
  ['PostgreSQL', 'INSERT', (schema: string) => `INSERT INTO pg.${schema}.hits VALUES (1)`],
  ['PostgreSQL', 'DELETE', (schema: string) => `DELETE FROM pg.${schema}.kept`],
  ['DuckDB', 'INSERT', () => "INSERT INTO duck.notes VALUES ('writ' || 'ten')"],
  ['DuckDB', 'DELETE', () => 'DELETE FROM duck.notes'],
  ['DuckDB', 'CREATE VIEW', () => "CREATE VIEW duck.v AS SELECT 'x'"],
  ['SQLite', 'INSERT', () => "INSERT INTO lite.notes VALUES ('writ' || 'ten')"],
  ['SQLite', 'DELETE', () => 'DELETE FROM lite.notes'],
  ['SQLite', 'ALTER', () => 'ALTER TABLE lite.notes ADD COLUMN more INTEGER'],
].flatMap((row): Attack[] => {
  const [database, technique, sql] = row as [string, string, (schema: string) => string];
  const file = { DuckDB: 'duck', SQLite: 'lite' }[database];
  const state: Effect = file
    ? {
        changes: (_world, ask) =>
          ask(
            `SELECT (SELECT count(*) FROM ${file}.notes) AS n, (SELECT count(*) FROM duckdb_columns() WHERE database_name = '${file}') AS c`,
          ),
      }
    : { changes: (world) => world.rows() };
  return [
    {
      hole: `writes to a read-only ${database}`,
      technique,
      without: 'read-only',
      steps: ({ schema }) => [sql(schema)],
      effect: state,
      breaks: true,
    },
    {
      hole: `writes to a read-only ${database}`,
      technique: `EXPLAIN ANALYZE ${technique}`,
      without: 'read-only',
      steps: ({ schema }) => [`EXPLAIN ANALYZE ${sql(schema)}`],
      effect: state,
      breaks: true,
    },
  ];
});

let extension = '';
/** An extension that engines have not loaded. */
function extensionFile(): string {
  return extension;
}
export function setExtensionFile(path: string): void {
  extension = path;
}

const sent = (steps: Attack['steps'], way: Way): Pick<Attack, 'steps' | 'way'> => ({ steps, way });

function callAttacks(hole: CallHole): Attack[] {
  const { call, but = [], techniques, textArgument = false, ...common } = hole;
  const used = [...CALLS, ...(textArgument ? ARGUMENTS : [])].filter(
    ({ name }) => !but.includes(name) && (!techniques || techniques.includes(name)),
  );
  const attacks = used.map(({ name, steps }) => ({
    ...common,
    technique: name,
    steps: (world: World, n: number) => steps(call(world), n),
  }));
  const plain = (world: World) => {
    const { name, args } = call(world);
    return [`FROM ${name}(${args})`];
  };
  return [...attacks, { ...common, technique: 'prepared statement', ...sent(plain, 'prepared') }];
}

function statementAttacks(hole: StatementHole): Attack[] {
  const { statement, before, after, techniques, ...common } = hole;
  const steps =
    (sql: (text: string) => string): Attack['steps'] =>
    async (world, n) => [
      ...(before?.(world, n) ?? []),
      sql(await statement(world, n)),
      ...(after?.(world, n) ?? []),
    ];
  const attacks = STATEMENTS.filter(({ name }) => !techniques || techniques.includes(name)).map(
    ({ name, sql }): Attack => ({ ...common, technique: name, steps: steps(sql) }),
  );
  return [
    ...attacks,
    {
      ...common,
      technique: 'update',
      ...sent(
        steps((sql) => sql),
        'update',
      ),
    },
  ];
}

function settingAttacks(): Attack[] {
  return Object.entries(SETTINGS).flatMap(([name, value]) => {
    const forms = name === 'memory_limit' ? SETTING_FORMS : SETTING_FORMS.slice(0, 1);
    return forms.map(([technique, sql]): Attack => ({
      hole: `the setting ${name}`,
      technique,
      without: 'locked configuration',
      steps: (_world, n) => [sql(name, value(n))],
      effect: settingIs(name),
    }));
  });
}

export const ATTACKS: readonly Attack[] = [
  ...CALL_HOLES.flatMap(callAttacks),
  ...STATEMENT_HOLES.flatMap(statementAttacks),
  ...settingAttacks(),
  ...WITHIN,
  ...REWRITTEN,
  ...PASSWORDS,
  ...TEXTS,
  ...WRITES,
];

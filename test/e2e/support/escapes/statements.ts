import type { Attack, Effect } from './attack.js';
import {
  hits,
  out,
  returnsMarker,
  scanOther,
  sent,
  serialized,
  spareFile,
  spoil,
  writer,
} from './effects.js';
import type { Protection } from './protection.js';
import { STATEMENTS } from './techniques.js';
import type { World } from './world.js';

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
    hole: 'a parser that ends comments elsewhere than the guard',
    without: 'guard',
    statement: () => 'CALL enable_peg_parser()',
    // Comments nest by the one, not by the other.
    after: (world) => [`SELECT 1 AS a /* /* */, (SELECT max(note) ${scanOther(world)}) AS b -- */ */`],
    effect: returnsMarker,
    techniques: ['plain', 'small letters', 'nested comment before', 'no-break space', 'zero-width space'],
    breaks: true,
  },
  {
    hole: 'a serialized statement as a pragma',
    without: 'guard',
    statement: (world) => `PRAGMA json_execute_serialized_sql(${serialized(scanOther(world))})`,
    effect: returnsMarker,
    techniques: ['plain', 'small letters', 'nested comment before', 'line comment before'],
  },
];

let extension = '';
/** An extension that engines have not loaded. */
function extensionFile(): string {
  return extension;
}
export function setExtensionFile(path: string): void {
  extension = path;
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

export const STATEMENT_ATTACKS: readonly Attack[] = STATEMENT_HOLES.flatMap(statementAttacks);

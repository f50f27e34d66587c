import type { Attack, Effect } from './attack.js';
import { hits, literal, returnsMarker, scanOther, sent, serialized, writer } from './effects.js';
import type { Protection } from './protection.js';
import { ARGUMENTS, CALLS, type Call } from './techniques.js';
import type { World } from './world.js';

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

const few = (
  'plain,capitals,quoted name,qualified name,nested comment,no-break space,' +
  'CTE,scalar subquery,view,table macro,SQL PREPARE,CREATE TABLE AS'
).split(',');

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
    hole: 'the bytes of an attached file',
    without: 'guard',
    call: (world) => ({ name: 'read_blob', args: literal(world.path('duck.duckdb')) }),
    // What DuckDB's files begin with.
    effect: { returns: 'DUCK' },
    techniques: few,
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

export const CALL_ATTACKS: readonly Attack[] = CALL_HOLES.flatMap(callAttacks);

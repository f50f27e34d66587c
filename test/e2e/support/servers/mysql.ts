import { CALLS } from '../escapes/techniques.js';
import type { Effect, ServerAttack } from './attack.js';
import { marker, type Servers } from './servers.js';

const returnsMarker: Effect = { returns: marker };
const changes: Effect = { changes: (servers) => servers.state() };

/** Text for MySQL by each way to call a function. */
const CALLED: readonly ServerAttack[] = [
  {
    hole: 'mysql_query of another database',
    name: 'mysql_query',
    args: `'my', 'SELECT note FROM other.kept'`,
    effect: returnsMarker,
    techniques: undefined,
  },
  {
    hole: 'mysql_query of a function that writes',
    name: 'mysql_query',
    args: `'my', 'SELECT hit()'`,
    effect: changes,
    techniques: ['plain'],
  },
  {
    hole: 'mysql_execute past the database that is attached',
    name: 'mysql_execute',
    args: `'desk', 'INSERT INTO other.kept VALUES (1)'`,
    effect: changes,
    techniques: [
      'plain',
      'capitals',
      'quoted name',
      'nested comment',
      'no-break space',
      'CTE',
      'SQL PREPARE',
    ],
  },
].flatMap(({ hole, name, args, effect, techniques }) =>
  CALLS.filter((technique) => !techniques || techniques.includes(technique.name)).map(
    (technique): ServerAttack => ({
      hole,
      technique: technique.name,
      without: 'guard',
      steps: (_servers, number) => technique.steps({ name, args }, number),
      effect,
    }),
  ),
);

const FILES: readonly ServerAttack[] = [
  {
    hole: 'mysql_execute INTO OUTFILE',
    technique: 'plain',
    without: 'guard',
    steps: (servers) => [
      `CALL mysql_execute('desk', 'SELECT note FROM other.kept INTO OUTFILE "${servers.path('executed')}"')`,
    ],
    effect: { makes: 'executed' },
  },
  {
    hole: 'mysql_execute LOAD DATA of a file of the server',
    technique: 'plain',
    without: 'guard',
    steps: () => [
      `CALL mysql_execute('desk', 'LOAD DATA INFILE "/etc/hostname" INTO TABLE other.kept (note)')`,
    ],
    effect: changes,
  },
];

/** Behind a text that MySQL takes to be open, this is SQL. */
const UNION = 'UNION SELECT char(92), note FROM other.kept -- ';
const IN = `SELECT b FROM my.two WHERE a IN ('\\', ') ${UNION}')`;

/** Conditions of plain queries, which the scanner sends with backslashes that MySQL takes for escapes. */
const CONDITIONS: readonly ServerAttack[] = (
  [
    ['IN', [IN]],
    ['IN of computed texts', [`SELECT b FROM my.two WHERE a IN (chr(92), ') ' || '${UNION}')`]],
    ['IN of escapes', [`SELECT b FROM my.two WHERE a IN (E'\\\\', E') ${UNION}')`]],
    ['two comparisons', [`SELECT b FROM my.two WHERE a >= '\\' AND b <= 'or 1 = 1 ${UNION}'`]],
    ['view', [`CREATE VIEW v0 AS ${IN}`, 'FROM v0']],
    [
      'table macro',
      [
        `CREATE MACRO m0(x, y) AS TABLE SELECT b FROM my.two WHERE a IN (x, y)`,
        `FROM m0('\\', ') ${UNION}')`,
      ],
    ],
    [
      'SQL PREPARE',
      [`PREPARE p0 AS SELECT b FROM my.two WHERE a IN ($1, $2)`, `EXECUTE p0('\\', ') ${UNION}')`],
    ],
    ['CTE', [`WITH c AS (${IN}) FROM c`]],
    ['subquery', [`SELECT (SELECT max(b) FROM (${IN}) AS t) AS x`]],
    ['CREATE TABLE AS', [`CREATE TABLE t0 AS ${IN}`, 'FROM t0']],
    ['a database for writing', [IN.replace('my.', 'desk.')]],
  ] as const
).map(([technique, sql]) => ({
  hole: 'SQL in conditions for MySQL',
  technique,
  without: 'conditions here',
  steps: (_servers: Servers, number: number) =>
    sql.map((text) => text.replaceAll(/\b([vmpt])0\b/g, `$1${number}`)),
  effect: returnsMarker,
}));

const CONDITION_FILE: ServerAttack = {
  hole: 'SQL in conditions for MySQL',
  technique: 'INTO OUTFILE',
  without: 'conditions here',
  steps: (servers) => [
    `SELECT b FROM my.two WHERE a IN ('\\', ') UNION SELECT char(92), note FROM other.kept INTO OUTFILE "${servers.path('filtered')}" -- ')`,
  ],
  effect: { makes: 'filtered' },
};

const WRITES: readonly ServerAttack[] = [
  'INSERT INTO my.hits VALUES (1)',
  'CREATE TABLE my.hits2 AS SELECT 1 AS i',
  'EXPLAIN ANALYZE INSERT INTO my.hits VALUES (1)',
].map((sql) => ({
  hole: 'writes to a read-only MySQL',
  technique: sql,
  without: 'read-only',
  steps: () => [sql],
  effect: {
    changes: async ({ mariadb }: Servers) =>
      (await mariadb.run('SELECT count(*) FROM hits')) + (await mariadb.run('SHOW TABLES')),
  },
}));

export const MYSQL_ATTACKS: readonly ServerAttack[] = [
  ...CALLED,
  ...FILES,
  ...CONDITIONS,
  CONDITION_FILE,
  ...WRITES,
];

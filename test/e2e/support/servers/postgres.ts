import { literal } from '../escapes/effects.js';
import { postgresPassword } from '../postgres.js';
import type { Effect, ServerAttack } from './attack.js';
import type { Servers } from './servers.js';

const changes: Effect = { changes: (servers) => servers.state() };
/** Ends the read-only transaction of the scanner around a statement. */
const outside = (sql: string) => `CALL postgres_execute('pg', ${literal(`COMMIT; ${sql}; BEGIN`)})`;
const query = (sql: string) => `FROM postgres_query('pg', ${literal(sql)})`;
const dblink = ({ postgres }: Servers) =>
  `dblink_exec(${literal(`host=127.0.0.1 port=${postgres.port} dbname=market user=writer password='${postgresPassword.replaceAll(/['\\]/g, '\\$&')}'`)}, 'INSERT INTO hits VALUES (1)')`;

/** Functions and statements of PostgreSQL that do more than read, as text. */
export const POSTGRES_ATTACKS: readonly ServerAttack[] = (
  [
    ['nextval', () => outside("SELECT nextval('counter')"), changes],
    ['setval', () => outside("SELECT setval('counter', (random() * 1000000)::int + 5)"), changes],
    ['lo_create', () => outside('SELECT lo_create(0)'), changes],
    ['lo_import', () => outside("SELECT lo_import('/etc/hostname')"), changes],
    [
      'SET transaction_read_only',
      () => outside('SET default_transaction_read_only = off; INSERT INTO hits VALUES (1)'),
      changes,
    ],
    [
      'CREATE and DROP',
      () => outside('CREATE TABLE made (i int); DROP TABLE made; INSERT INTO hits VALUES (1)'),
      changes,
    ],
    ['DO', () => outside('DO $$ BEGIN INSERT INTO hits VALUES (1); END $$'), changes],
    [
      'COPY TO PROGRAM',
      (servers) => outside(`COPY (SELECT 1) TO PROGRAM 'cat > ${servers.path('program')}'`),
      { makes: 'program' },
    ],
    [
      'COPY TO PROGRAM in the read-only transaction',
      (servers) =>
        `CALL postgres_execute('pg', ${literal(`COPY (SELECT 1) TO PROGRAM 'cat > ${servers.path('program')}'`)})`,
      { makes: 'program' },
    ],
    [
      'COPY TO a file',
      (servers) => outside(`COPY (SELECT 1) TO '${servers.path('copied')}'`),
      { makes: 'copied' },
    ],
    [
      'pg_read_file',
      () => query("SELECT pg_read_file('PG_VERSION') || ' is read' AS version"),
      { returns: ' is read' },
    ],
    ['dblink', (servers) => query(`SELECT ${dblink(servers)}`), changes],
    [
      'dblink in a call',
      (servers) => `CALL postgres_execute('pg', ${literal(`SELECT ${dblink(servers)}`)})`,
      changes,
    ],
  ] as const satisfies readonly (readonly [string, (servers: Servers) => string, Effect])[]
).map(([technique, sql, effect]) => ({
  hole: 'functions and statements of PostgreSQL',
  technique,
  without: 'guard',
  steps: (servers: Servers) => [sql(servers)],
  effect,
}));

/** Views that do more than read: what READ_ONLY holds, without any guard. */
export const POSTGRES_VIEWS: readonly ServerAttack[] = ['FROM pg.counting', 'FROM pg.hitting'].map((sql) => ({
  hole: 'views that do more than read',
  technique: sql,
  without: 'read-only',
  steps: () => [sql],
  effect: changes,
}));

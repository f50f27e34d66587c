import type { Attack, Effect } from './attack.js';

const databasesTold: Effect = { returns: 'planted p@ss' };
export const PASSWORDS: readonly Attack[] = [
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
export const TEXTS: readonly Attack[] = (
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

export const WRITES: readonly Attack[] = [
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

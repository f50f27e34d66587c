import { duckdbLibrary, requireFrom } from './paths.mjs';

/**
 * DuckDB for scripts: opens a database in memory, runs SQL and throws what DuckDB says. Blocks while it works, so it
 * belongs into a process of its own. Only pointers pass, except for duckdb_result, which is 48 bytes that we own
 * (https://duckdb.org/docs/stable/clients/c/api).
 */
export function openDuckDB() {
  const koffi = requireFrom('libs/duckdb')('koffi');
  const library = koffi.load(duckdbLibrary());
  const c = {
    open: library.func('int duckdb_open(const char *path, _Out_ void **database)'),
    connect: library.func('int duckdb_connect(void *database, _Out_ void **connection)'),
    query: library.func('int duckdb_query(void *connection, const char *sql, void *result)'),
    error: library.func('const char *duckdb_result_error(void *result)'),
    destroy: library.func('void duckdb_destroy_result(void *result)'),
    disconnect: library.func('void duckdb_disconnect(_Inout_ void **connection)'),
    close: library.func('void duckdb_close(_Inout_ void **database)'),
  };
  const database = [null];
  const connection = [null];
  if (c.open(null, database) !== 0 || c.connect(database[0], connection) !== 0) {
    throw new Error('DuckDB does not open a database in memory.');
  }
  const result = Buffer.from(new ArrayBuffer(64));
  return {
    /** Runs one or more statements. */
    run(sql) {
      const problem = c.query(connection[0], sql, result) === 0 ? undefined : c.error(result);
      c.destroy(result);
      if (problem !== undefined) throw new Error(problem);
    },
    close() {
      c.disconnect(connection);
      c.close(database);
    },
  };
}

/** A text as it stands in SQL. */
export const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

/** Where DuckDB looks for extensions, and that it fetches none by itself. */
export const extensionSettings = (directory) =>
  `SET extension_directory = ${quoted(directory)}; SET autoinstall_known_extensions = false;`;

import type { DuckDbApi, Pointer } from '../native/api.js';
import { Scratch, readCString } from '../native/memory.js';
import { StatementFailed } from './failure.js';

/** Opens a database with its settings. Throws StatementFailed with DuckDB's reason. */
export function openDatabase(
  api: DuckDbApi,
  path: string,
  settings: Readonly<Record<string, string>>,
): Pointer {
  const config = new Scratch(8);
  const database = new Scratch(8);
  const error = new Scratch(8);
  error.setWord(0, 0);
  try {
    api.duckdb_create_config(config.pointer);
    for (const [name, value] of Object.entries(settings)) {
      if (api.duckdb_set_config(config.word(0), name, value) !== 0)
        throw new StatementFailed({
          kind: 'internal',
          message: `DuckDB does not know the setting ${name}.`,
          fatal: true,
        });
    }
    if (api.duckdb_open_ext(path, database.pointer, config.word(0), error.pointer) !== 0) {
      const message = readCString(error.word(0));
      api.duckdb_free(error.word(0));
      throw new StatementFailed({ kind: 'unavailable', message, fatal: true });
    }
    return database.word(0);
  } finally {
    api.duckdb_destroy_config(config.pointer);
    for (const scratch of [config, database, error]) scratch.free();
  }
}

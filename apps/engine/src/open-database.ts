import type { Worker } from 'node:worker_threads';
import { Database } from '@pondpilot/duckdb';
import type { EngineLaunch } from '@pondpilot/engine-api';

/** What threads that run DuckDB are made of. */
export interface Threads {
  /** The compiled worker. */
  readonly entry: URL;
  /** Started already, with that worker. */
  readonly first?: Worker;
}

/** A database on its way, while its engine is still being loaded. */
export interface OpeningDatabase {
  /** Rejects with DuckDbError. */
  readonly database: Promise<Database>;
  /** Resolves when a thread that runs DuckDB has crashed: nothing works any more. */
  readonly crashed: Promise<Error>;
}

/**
 * Opens an engine's DuckDB, with the settings that must be in place before anything else. `onThread` is told of each thread
 * that is about to be started later.
 */
export function openDatabase(
  launch: EngineLaunch,
  { entry, first }: Threads,
  onThread: () => void = () => {},
): OpeningDatabase {
  let crash: (error: Error) => void = () => {};
  const crashed = new Promise<Error>((resolve) => (crash = resolve));
  const database = Database.open({
    duckdbLibrary: launch.duckdbLibrary,
    memoryBytes: launch.memoryBytes,
    spillBytes: launch.spillBytes,
    cpus: launch.cpus,
    tempDirectory: launch.tempDirectory,
    extensionDirectory: launch.extensionDirectory,
    onCrash: crash,
    onThread,
    threadEntry: entry,
    ...(first ? { firstThread: first } : {}),
  });
  // Whoever awaits it comes later.
  database.catch(() => {});
  return { database, crashed };
}

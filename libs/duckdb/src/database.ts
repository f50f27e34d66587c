import type { Worker } from 'node:worker_threads';
import type { AttachRequest } from './attach-request.js';
import { Connection } from './connection.js';
import type { DatabaseParts } from './database-parts.js';
import { attachStatements, loadStatement } from './attach.js';
import {
  CONNECTION_STATEMENT,
  LOCK_STATEMENTS,
  arrowBytes,
  openSettings,
  type DatabaseLimits,
} from './lockdown.js';
import { loadDuckDb } from './native/api.js';
import { freeMemoryReleaser } from './native/release-free.js';
import { Session } from './session.js';
import { SlotPool } from './slots.js';
import { DuckDbThreads } from './threads.js';
import { Uploads } from './uploads.js';

export interface DatabaseOptions extends DatabaseLimits {
  readonly duckdbLibrary: string;
  /** Told once when a thread that runs DuckDB has crashed: nothing works any more. */
  readonly onCrash: (error: Error) => void;
  /** Told when another thread is about to be started. */
  readonly onThread?: () => void;
  /** The compiled worker; by default the one beside this module. */
  readonly threadEntry?: URL;
  /** A thread that `startThread` has started with the same worker. */
  readonly firstThread?: Worker;
}

/** Threads that may block at the same time, each with a statement. */
export const MAX_THREADS = 12;

/** An in-memory DuckDB, opened once, locked, and then used through sessions. */
export class Database {
  private constructor(
    private readonly parts: DatabaseParts,
    private readonly admin: Connection,
    /** Gives back to the system what statements have freed, and allocators keep for the next ones. Any time. */
    readonly releaseMemory: () => void,
  ) {}

  /** Rejects with DuckDbError. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const entry = options.threadEntry ?? new URL('./worker/thread.js', import.meta.url);
    const { duckdbLibrary, onCrash, onThread, firstThread } = options;
    // One core is the main thread's.
    const limits = { all: MAX_THREADS, short: Math.max(1, Math.ceil(options.cpus) - 1) };
    const threads = new DuckDbThreads(entry, { duckdbLibrary }, limits, { onCrash, onThread }, firstThread);
    const settings = openSettings(options);
    const opening = threads.call('openDatabase', { path: ':memory:', settings });
    // What it fails with is awaited below.
    opening.catch(() => {});
    // Beside the thread that is still being started, which then finds the library in memory.
    const [api, slots] = [loadDuckDb(duckdbLibrary), new SlotPool()];
    const database = await opening;
    const uploads = new Uploads(arrowBytes(options));
    const parts = { api, threads, slots, database, uploads };
    return new Database(parts, await connect(parts), freeMemoryReleaser(duckdbLibrary));
  }

  get version(): string {
    return this.parts.api.duckdb_library_version();
  }

  /** Loads an extension from the extension directory. Rejects with DuckDbError. Only before `lock`. */
  async loadExtension(name: string): Promise<void> {
    await this.admin.run(loadStatement(name));
  }

  /** Attaches a database, with the extension that it needs. Rejects with DuckDbError. Only before `lock`. */
  async attach(request: AttachRequest): Promise<void> {
    const { run, always } = attachStatements(request);
    try {
      for (const statement of run) await this.admin.run(statement);
    } finally {
      for (const statement of always) await this.admin.run(statement);
    }
  }

  /** Shuts files, extensions and settings off; users' statements may run only after it. */
  async lock(): Promise<void> {
    for (const statement of LOCK_STATEMENTS) await this.admin.run(statement);
  }

  /** Ends the threads. Sessions must be closed before; DuckDB's memory goes with the process. */
  async close(): Promise<void> {
    await this.admin.close();
    await this.parts.threads.terminate();
  }

  async openSession(): Promise<Session> {
    const connectAgain = () => connect(this.parts);
    return new Session(await connectAgain(), connectAgain);
  }
}

async function connect(parts: DatabaseParts): Promise<Connection> {
  const { threads, database } = parts;
  const connection = new Connection(parts, await threads.call('connect', { database }));
  await connection.run(CONNECTION_STATEMENT);
  return connection;
}

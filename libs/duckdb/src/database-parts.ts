import type { DuckDbApi, Pointer } from './native/api.js';
import type { SlotPool } from './slots.js';
import type { DuckDbThreads } from './threads.js';

/** What all connections of one database share. */
export interface DatabaseParts {
  readonly api: DuckDbApi;
  readonly threads: DuckDbThreads;
  readonly slots: SlotPool;
  /** Bytes of Arrow data that one statement may be given at once. */
  readonly arrowBytes: number;
  /** The DuckDB database. */
  readonly database: Pointer;
}

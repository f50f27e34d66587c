import type { DuckDbApi, Pointer } from './native/api.js';
import type { SlotPool } from './slots.js';
import type { DuckDbThreads } from './threads.js';

/** What all connections of one database share. */
export interface DatabaseParts {
  readonly api: DuckDbApi;
  readonly threads: DuckDbThreads;
  readonly slots: SlotPool;
  /** The DuckDB database. */
  readonly database: Pointer;
}

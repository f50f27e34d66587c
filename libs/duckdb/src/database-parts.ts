import type { DuckDbApi, Pointer } from './native/api.js';
import type { SlotPool } from './slots.js';
import type { DuckDbThreads } from './threads.js';
import type { Uploads } from './uploads.js';

/** What all connections of one database share. */
export interface DatabaseParts {
  readonly api: DuckDbApi;
  readonly threads: DuckDbThreads;
  readonly slots: SlotPool;
  readonly uploads: Uploads;
  /** The DuckDB database. */
  readonly database: Pointer;
}

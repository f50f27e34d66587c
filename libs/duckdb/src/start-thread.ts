import { Worker } from 'node:worker_threads';

/**
 * Starts a worker thread for a database, which loads while its starter goes on. `entry` is the compiled worker. It waits
 * for its settings, and for calls: `DuckDbThread` sends them.
 */
export function startThread(entry: URL): Worker {
  return new Worker(entry, {
    // V8 would reserve half a gigabyte for code, which counts against the limit of the process's data.
    resourceLimits: { maxYoungGenerationSizeMb: 4, codeRangeSizeMb: 8 },
  });
}

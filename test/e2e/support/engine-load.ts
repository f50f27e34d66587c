import { setTimeout as sleep } from 'node:timers/promises';
import { processState } from './processes.js';
import type { Product } from './product.js';
import { until } from './until.js';

/** Minutes of work before the first row. */
export const busy = 'SELECT count(*) AS n FROM range(1000000000000) AS r (i) WHERE i % 7 = 8';
/** Rows at once, and no end. */
export const endless = 'SELECT i FROM range(100000000000) AS r (i)';

/** CPU ticks of 10 ms that the product's engines used within this time. */
async function ticksWithin(product: Product, ms: number): Promise<number> {
  const ticks = () => product.engines().reduce((sum, pid) => sum + (processState(pid)?.ticks ?? 0), 0);
  const before = ticks();
  await sleep(ms);
  return ticks() - before;
}

/** Well above what counts as quiet; not more, as one that sends has to wait for a client that reads slowly. */
export const untilBusy = (product: Product): Promise<true> =>
  until('the engine works', async () => (await ticksWithin(product, 300)) > 4 || undefined);
export const untilQuiet = (product: Product): Promise<true> =>
  until('the engine is quiet', async () => (await ticksWithin(product, 500)) < 5 || undefined, 10_000);

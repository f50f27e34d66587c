import { parseEngineLaunch, type EngineReport } from '@pondpilot/engine-api/launch';
import { MAX_THREADS } from '@pondpilot/duckdb';
import { messageOf, systemClock } from '@pondpilot/kernel';
import { firstLine } from './first-line.js';
import { openDatabase, type Threads } from './open-database.js';
import { exitNow } from './sandbox/exit-now.js';
import { endWithParent, endWithoutProxy } from './parent-watch.js';
import { DataLimit } from './sandbox/data-limit.js';
import { hideMemory } from './sandbox/hide-memory.js';

/** Exit codes (sysexits.h): could not start, and DuckDB failed while running. */
const EX_UNAVAILABLE = 69;
const EX_SOFTWARE = 70;
/** Time for the answers that tell of a failure to reach their clients. */
const LAST_WORDS_MS = 100;

function report(line: EngineReport): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()));
}

async function start(threads: Threads): Promise<void> {
  hideMemory();
  process.on('SIGTERM', () => exitNow(0));
  // A terminal's Ctrl-C is for the proxy, which then stops its engines.
  process.on('SIGINT', () => undefined);
  const launch = parseEngineLaunch(await firstLine(process.stdin));
  const onControl =
    launch.outliveMs === undefined ? undefined : endWithoutProxy(systemClock, launch.outliveMs);
  if (!onControl) endWithParent(process.stdin);
  const dataLimit = new DataLimit(MAX_THREADS);
  const opening = openDatabase(launch, threads, () => dataLimit.makeRoomForThread());
  // DuckDB opens meanwhile.
  const { Engine } = await import('./engine.js');
  const { ready } = await Engine.start(launch, opening, {
    onBroken: (error) => {
      process.stderr.write(`${error.message}\n`);
      setTimeout(() => exitNow(EX_SOFTWARE), LAST_WORDS_MS);
    },
    onStep: (step) => void report({ event: 'step', step }),
    ...(onControl ? { onControl } : {}),
  });
  dataLimit.set(launch.memoryBytes);
  await report(ready);
}

/** Starts the engine that is told on standard input, and tells on standard output that it answers, or why it does not. */
export async function run(threads: Threads): Promise<void> {
  try {
    await start(threads);
  } catch (error) {
    await report({ event: 'failed', message: messageOf(error) });
    exitNow(EX_UNAVAILABLE);
  }
}

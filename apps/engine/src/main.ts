import { createInterface } from 'node:readline';
import { parseEngineLaunch, type EngineReport } from '@pondpilot/engine-api';
import { messageOf, systemClock } from '@pondpilot/kernel';
import { Engine } from './engine.js';
import { exitNow } from './sandbox/exit-now.js';
import { endWithParent, endWithoutProxy } from './parent-watch.js';
import { limitData } from './sandbox/data-limit.js';
import { hideMemory } from './sandbox/hide-memory.js';

/** Exit codes (sysexits.h): could not start, and DuckDB failed while running. */
const EX_UNAVAILABLE = 69;
const EX_SOFTWARE = 70;
/** Time for the answers that tell of a failure to reach their clients. */
const LAST_WORDS_MS = 100;

function report(line: EngineReport): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()));
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}

async function main(): Promise<void> {
  hideMemory();
  process.on('SIGTERM', () => exitNow(0));
  // A terminal's Ctrl-C is for the proxy, which then stops its engines.
  process.on('SIGINT', () => undefined);
  const launch = parseEngineLaunch(await firstLine());
  const onControl =
    launch.outliveMs === undefined ? undefined : endWithoutProxy(systemClock, launch.outliveMs);
  if (!onControl) endWithParent(process.stdin);
  // As the bundle lays it out, see build.mjs.
  const threadEntry = new URL('./worker/thread.mjs', import.meta.url);
  const { ready } = await Engine.start(launch, threadEntry, {
    onBroken: (error) => {
      process.stderr.write(`${error.message}\n`);
      setTimeout(() => exitNow(EX_SOFTWARE), LAST_WORDS_MS);
    },
    onStep: (step) => void report({ event: 'step', step }),
    ...(onControl ? { onControl } : {}),
  });
  limitData(launch.memoryBytes);
  await report(ready);
}

main().catch(async (error: unknown) => {
  await report({ event: 'failed', message: messageOf(error) });
  exitNow(EX_UNAVAILABLE);
});

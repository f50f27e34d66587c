import { runtimeNode } from '../scripts/lib/node.mjs';
import { run } from '../scripts/lib/run.mjs';
import { Engines } from './engines.mjs';
import { query } from './first-query.mjs';

const ENGINE_STARTS = 10;
const NEW_USERS = 5;
const SQL = 'SELECT 42 AS answer';

/** Milliseconds from the start of an engine's process, database attached, to its first answered query, each time. */
export async function engineStarts(file) {
  const engines = new Engines(file);
  const times = [];
  try {
    // The first one stages the files that all are run from.
    for (let i = 0; i <= ENGINE_STARTS; i++) {
      const started = performance.now();
      const { target, stop } = await engines.start();
      await query(target, SQL);
      if (i > 0) times.push(performance.now() - started);
      await stop();
    }
  } finally {
    await engines.close();
  }
  return times;
}

/** Milliseconds that Node itself takes to start and end, each time: what an engine's start can't be below. */
export async function nodeStarts() {
  const times = [];
  for (let i = 0; i < ENGINE_STARTS; i++) {
    const started = performance.now();
    await run(runtimeNode(), ['-e', '0']);
    times.push(performance.now() - started);
  }
  return times;
}

/** Milliseconds of the first query of users who have no engine yet. */
export async function firstQueries(proxy) {
  const times = [];
  for (let i = 0; i < NEW_USERS; i++) {
    const target = await proxy.targetOf(`new-${i}`);
    const started = performance.now();
    await query(target, SQL);
    times.push(performance.now() - started);
  }
  return times;
}

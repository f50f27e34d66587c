// How fast it is: `npm run bench`, some 8 minutes. ROUNDS=3 for fewer rounds, ONLY=ints,row-32,start for some of it.
// The servers are measured in turn, round by round, so that ratios hold on a busy machine. See docs/benchmarks.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { ensurePythonClients } from '../scripts/lib/clients.mjs';
import { Failure, main } from '../scripts/lib/fail.mjs';
import { checkNode } from '../scripts/lib/node.mjs';
import { ensureBuilt, ensureInstalled } from '../scripts/lib/prepare.mjs';
import { step } from '../scripts/lib/progress.mjs';
import { Clients } from './clients.mjs';
import { conditions } from './conditions.mjs';
import { ensureData } from './data.mjs';
import { childrenOf, residentMb } from './processes.mjs';
import { report } from './report.mjs';
import { chosen } from './scenarios.mjs';
import { startEngine, startPeer, startProxyFor, startSplice } from './servers.mjs';

const rounds = Number(process.env.ROUNDS) || 5;
/** Time to settle after the first queries, before memory is looked at. */
const SETTLE_MS = 3000;

await main(async () => {
  const { scenarios, starts, unknown } = chosen(process.env.ONLY ?? '');
  if (unknown.length > 0) throw new Failure(`ONLY names ${unknown.join(', ')}: see bench/scenarios.mjs.`);
  checkNode();
  await ensureInstalled();
  await ensureBuilt();
  await ensurePythonClients();
  const file = await ensureData();
  const stops = [];
  try {
    console.log(`\n${await measured(file, scenarios, starts, stops)}`);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
});

/** The report. What it starts it adds the end of to `stops`. */
async function measured(file, scenarios, withStarts, stops) {
  const servers = await startServers(file, stops);
  const targets = Object.fromEntries(Object.entries(servers).map(([name, { target }]) => [name, target]));
  const clients = await Clients.open(targets);
  stops.push(() => clients.close());
  await sleep(SETTLE_MS);
  const [engine] = childrenOf(servers.proxy.pid);
  const memoryNow = () => ({ proxy: residentMb(servers.proxy.pid), engine: residentMb(engine) });
  const idle = memoryNow();
  const results = await stepWith(`Measuring, ${rounds} rounds`, () =>
    measureAll(clients, servers, scenarios),
  );
  const after = memoryNow();
  const starts = withStarts && (await stepWith('Measuring starts', () => measureStarts(file, servers.proxy)));
  const lines = await conditions(clients.versions);
  return report({ results, scenarios, rounds, memory: { idle, after }, starts }, lines);
}

async function startServers(file, stops) {
  const keep = (server) => (stops.push(server.stop), server);
  const engine = keep(await startEngine(file));
  const proxy = keep(await startProxyFor(file));
  const peer = keep(await startPeer(file));
  const splice = keep(await startSplice(peer.target.location));
  return { engine, proxy, peer, splice };
}

// What these import is there only after the build.
async function measureAll(clients, servers, scenarios) {
  const { measureRounds } = await import('./measure.mjs');
  return measureRounds(clients, servers, scenarios, rounds);
}

async function measureStarts(file, proxy) {
  const { engineStarts, firstQueries, nodeStarts } = await import('./starts.mjs');
  return { node: await nodeStarts(), engine: await engineStarts(file), user: await firstQueries(proxy) };
}

async function stepWith(title, work) {
  let result;
  await step(title, async () => {
    result = await work();
  });
  return result;
}

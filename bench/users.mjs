// What users meet who have no engine yet, and what many engines cost: `npm run bench:users`, some 5 minutes. Engines as
// processes, and as containers where there is a Docker daemon. See docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findDocker, ensureDockerImages, images } from '../scripts/lib/docker.mjs';
import { Failure, main } from '../scripts/lib/fail.mjs';
import { checkNode } from '../scripts/lib/node.mjs';
import { ensureBuilt, ensureInstalled } from '../scripts/lib/prepare.mjs';
import { step } from '../scripts/lib/progress.mjs';
import { markdown } from './markdown.mjs';
import { enginesWith, memoryOf } from './processes.mjs';
import { startProxyWith } from './servers.mjs';
import { median, quantile } from './stats.mjs';

const USERS = 30;
const CACHED_QUERIES = 300;
const MANY = Number(process.env.ENGINES) || 100;
const PATIENCE_MS = 60_000;
const SQL = 'SELECT 42 AS answer';

// What it imports is there only after the build.
const wire = () => import('./first-query.mjs');

await main(async () => {
  checkNode();
  await ensureInstalled();
  await ensureBuilt();
  const providers = { process: {} };
  const problem = await ensureDockerImages();
  if (problem === undefined) providers.docker = { image: images.engine };
  else console.log(`Without Docker: ${problem}.`);
  const rows = [];
  const memory = [];
  for (const [provider, settings] of Object.entries(providers)) {
    const containers = { provider, ...settings, max_per_host: Math.max(MANY, USERS) + 5 };
    await step(`Engines of ${provider}`, async () => {
      rows.push(...(await firstQueries(provider, containers)));
      memory.push(await manyEngines(provider, containers));
    });
  }
  console.log(`\n${markdown(['engines', 'query', 'p50 ms', 'p95 ms', 'of'], rows)}\n`);
  console.log(
    markdown(['engines', 'live', 'proxy, MB', 'an engine, MB resident', 'an engine, MB of its own'], memory),
  );
});

async function firstQueries(provider, containers) {
  const cold = await withProxy({ ...containers, warm_pool: 0 }, (proxy) =>
    timesOfNewUsers(proxy, async () => {}),
  );
  const warm = await withProxy({ ...containers, warm_pool: 2 }, (proxy) =>
    timesOfNewUsers(proxy, () => spareReady(proxy)),
  );
  const cached = await withProxy({ ...containers, warm_pool: 0 }, cachedTimes);
  const row = (name, times) => [
    provider,
    name,
    median(times).toFixed(1),
    quantile(times, 0.95).toFixed(1),
    times.length,
  ];
  return [
    row('first of a new user, no spare engine', cold),
    row('first of a new user, a spare engine', warm),
    row('one row again, one connection', cached),
  ];
}

/** Milliseconds of the first query of users who come one after the other. */
async function timesOfNewUsers(proxy, before) {
  const { open, ask } = await wire();
  const times = [];
  for (let user = 0; user < USERS; user += 1) {
    const target = await proxy.targetOf(`new-${user}`);
    await before();
    const started = performance.now();
    const session = open(target);
    await ask(session, target, SQL);
    times.push(performance.now() - started);
    session.close();
  }
  return times;
}

async function cachedTimes(proxy) {
  const { open, ask } = await wire();
  const session = open(proxy.target);
  const times = [];
  for (let i = 0; i < CACHED_QUERIES + 50; i += 1) {
    const started = performance.now();
    await ask(session, proxy.target, SQL);
    if (i >= 50) times.push(performance.now() - started);
  }
  session.close();
  return times;
}

async function manyEngines(provider, containers) {
  return withProxy({ ...containers, warm_pool: 0 }, async (proxy) => {
    const { open, ask } = await wire();
    const sessions = [];
    for (let user = 0; user < MANY; user += 1) {
      const target = await proxy.targetOf(`many-${user}`);
      sessions.push(open(target));
      await ask(sessions.at(-1), target, SQL);
    }
    await sleep(3000);
    const engines = await enginesOf(provider, proxy);
    const all = engines.map(memoryOf);
    const mean = (key) => (all.reduce((sum, each) => sum + each[key], 0) / all.length).toFixed(0);
    for (const session of sessions) session.close();
    return [provider, engines.length, memoryOf(proxy.pid).resident.toFixed(0), mean('resident'), mean('own')];
  });
}

async function enginesOf(provider, proxy) {
  if (provider === 'process') return enginesWith((pid, parent) => parent === proxy.pid);
  const { docker } = await findDocker();
  const ids = execFileSync(docker, ['ps', '-q', '--no-trunc', '--filter', `label=${await labelOf(proxy)}`], {
    encoding: 'utf8',
  });
  const running = new Set(ids.split('\n').filter(Boolean));
  return enginesWith((pid, parent, cgroup) => [...running].some((id) => cgroup.includes(id)));
}

async function withProxy(containers, work) {
  const proxy = await startProxyWith({ containers, logging: { level: 'warn' } });
  try {
    return await work(proxy);
  } finally {
    await proxy.stop();
    if (containers.provider === 'docker') await removeEngines(proxy);
  }
}

async function removeEngines(proxy) {
  const { docker } = await findDocker();
  const filter = ['--filter', `label=${await labelOf(proxy)}`];
  const ids = execFileSync(docker, ['ps', '-aq', ...filter], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
  if (ids.length > 0) execFileSync(docker, ['rm', '-f', ...ids], { stdio: 'ignore' });
  execFileSync(docker, ['network', 'prune', '-f', ...filter], { stdio: 'ignore' });
}

async function labelOf({ secret }) {
  const { EngineKeys } = await import('@pondpilot/orchestrator');
  return `io.pondpilot.deployment=${new EngineKeys(secret).deployment}`;
}

async function spareReady({ httpUrl }) {
  const started = Date.now();
  while (Date.now() - started < PATIENCE_MS) {
    const { containers } = await (await fetch(`${httpUrl}/health/detailed`)).json();
    if (containers.spare > 0) return;
    await sleep(20);
  }
  throw new Failure('No spare engine was ready in time.');
}

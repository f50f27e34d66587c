import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Failure } from '../scripts/lib/fail.mjs';
import { runtimeNode } from '../scripts/lib/node.mjs';
import { proxyMain, python, root } from '../scripts/lib/paths.mjs';
import { freePort } from '../scripts/lib/ports.mjs';
import { untilReady } from '../scripts/lib/proxy.mjs';
import { run } from '../scripts/lib/run.mjs';
import { childrenOf } from './processes.mjs';
import { cpus, databaseAt, memory } from './same-for-all.mjs';

/** An engine, called directly. As all of these, resolves with `{ target, pid, stop }`. */
export async function startEngine(file) {
  const { Engines } = await import('./engines.mjs');
  const before = childrenOf(process.pid);
  const engines = new Engines(file);
  const { target } = await engines.start();
  const pid = childrenOf(process.pid).find((each) => !before.includes(each));
  return { target, pid, stop: () => engines.close() };
}

/** The proxy with the same file; `targetOf` resolves with the target of another user. */
export function startProxyFor(file) {
  return startProxyWith(configWith(file));
}

/** The proxy with this configuration; `httpUrl` is where it tells of itself. */
export async function startProxyWith(config) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const [port, grpcPort] = [await freePort(), await freePort()];
  const configFile = join(folder, 'config.yaml');
  writeFileSync(configFile, JSON.stringify(config));
  const addresses = { HOST: '127.0.0.1', PORT: String(port), GRPC_PORT: String(grpcPort) };
  // Of its own: engines in containers outlive a proxy, and the next one with the same secret takes them over.
  const JWT_SECRET = randomBytes(32).toString('hex');
  const env = { PATH: process.env.PATH, ...addresses, CONFIG_FILE: configFile, JWT_SECRET };
  const child = spawn(runtimeNode(), [proxyMain], {
    cwd: folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  };
  if (!(await untilReady(`http://127.0.0.1:${port}`, ended))) throw new Failure('The proxy ended.');
  const targetOf = async (user) => ({
    location: `grpc://127.0.0.1:${grpcPort}`,
    headers: { authorization: `Bearer ${await tokenOf(user, env)}` },
  });
  const httpUrl = `http://127.0.0.1:${port}`;
  return { target: await targetOf('bench'), targetOf, httpUrl, secret: JWT_SECRET, pid: child.pid, stop };
}

function configWith(file) {
  const { alias, type, path } = databaseAt(file);
  return {
    containers: { provider: 'process', warm_pool: 0, memory_limit: memory, cpu_limit: cpus },
    // 32 clients at once must not meet the limit when one asks again while its last statement is being put away.
    limits: { concurrent_statements: 64 },
    duckdb: { attached_databases: [{ alias, type, connection_string: path }] },
    logging: { level: 'warn' },
  };
}

async function tokenOf(user, env) {
  const made = await run(runtimeNode(), [join(root, 'scripts/token.mjs'), user], { env });
  if (made.code !== 0) throw new Failure(made.output);
  return made.output.trim();
}

/** The C++ server on Python's DuckDB, see peer_server.py. */
export function startPeer(file) {
  const program = join(root, 'bench/peer_server.py');
  return startHelper(python(), [program, '--database', file, '--threads', String(cpus)]);
}

/** A process that only passes bytes to the server at this location, see splice.mjs. */
export function startSplice(location) {
  return startHelper(runtimeNode(), [join(root, 'bench/splice.mjs'), new URL(location).port]);
}

/** Prints its port, ends with its standard input. */
async function startHelper(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const first = once(createInterface({ input: child.stdout }), 'line');
  const [port] = await Promise.race([first, ended.then(() => [])]);
  if (port === undefined) throw new Failure(`${args[0]} ended before it listened: see above.`);
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { target: { location: `grpc://127.0.0.1:${port}`, headers: {} }, pid: child.pid, stop };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Failure } from '../scripts/lib/fail.mjs';
import { runtimeNode } from '../scripts/lib/node.mjs';
import { duckdbLibrary, proxyMain, python, root } from '../scripts/lib/paths.mjs';
import { freePort } from '../scripts/lib/ports.mjs';
import { untilReady } from '../scripts/lib/proxy.mjs';
import { run } from '../scripts/lib/run.mjs';

/** What all servers get: the same file under the same name, and as many threads. */
const cpus = 2;
const memory = '512m';
const databaseAt = (path) => ({ alias: 'bench', type: 'duckdb', path });

/** An engine as the proxy would start it, to be called directly. */
export async function startEngine(file) {
  const { ProcessProvider, defaultStateDirectory } = await import('@pondpilot/orchestrator');
  const { CALL_SECRET_HEADER, EngineControlClient, GENEROUS_LIMITS } = await import('@pondpilot/engine-api');
  const { parseSize, randomSecret } = await import('@pondpilot/kernel');
  const { alias, type, path } = databaseAt(file);
  const provider = new ProcessProvider({
    node: runtimeNode(),
    entry: join(root, 'apps/engine/dist/bundle/engine.mjs'),
    files: [join(root, 'apps/engine/dist/bundle')],
    duckdbLibrary: duckdbLibrary(),
    stateDirectory: defaultStateDirectory(),
    startTimeoutMs: 30_000,
    answerTimeoutMs: 10_000,
  });
  const databases = [{ alias, type, connectionString: path, readOnly: true }];
  const engine = await provider.launch({
    databases,
    extensions: [],
    limits: GENEROUS_LIMITS,
    memoryBytes: parseSize(memory),
    cpus,
  });
  const secret = randomSecret();
  const control = new EngineControlClient(`${engine.host}:${engine.controlPort}`, engine.controlSecret);
  await control.claim('bench', secret, 5000);
  const target = {
    location: `grpc://${engine.host}:${engine.port}`,
    headers: { [CALL_SECRET_HEADER]: secret },
  };
  return { target, health: () => control.health(5000), stop: () => (control.close(), provider.close()) };
}

/** The proxy with the same file. `pid` is its process. */
export async function startProxyFor(file) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const [port, grpcPort] = [await freePort(), await freePort()];
  const { alias, type, path } = databaseAt(file);
  const config = {
    containers: { provider: 'process', memory_limit: memory, cpu_limit: cpus },
    duckdb: { attached_databases: [{ alias, type, connection_string: path }] },
    logging: { level: 'warn' },
  };
  const configFile = join(folder, 'config.yaml');
  writeFileSync(configFile, JSON.stringify(config));
  const addresses = { HOST: '127.0.0.1', PORT: String(port), GRPC_PORT: String(grpcPort) };
  const JWT_SECRET = 'only for the time of a benchmark, on this machine';
  const env = { PATH: process.env.PATH, ...addresses, CONFIG_FILE: configFile, JWT_SECRET };
  const child = spawn(runtimeNode(), [proxyMain], {
    cwd: folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  if (!(await untilReady(`http://127.0.0.1:${port}`, ended))) throw new Failure('The proxy ended.');
  const made = await run(runtimeNode(), [join(root, 'scripts/token.mjs'), 'bench'], { env });
  if (made.code !== 0) throw new Failure(made.output);
  const target = {
    location: `grpc://127.0.0.1:${grpcPort}`,
    headers: { authorization: `Bearer ${made.output.trim()}` },
  };
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  };
  return { target, pid: child.pid, stop };
}

/** The C++ server on Python's DuckDB, see peer_server.py. */
export async function startPeer(file) {
  const args = [join(root, 'bench/peer_server.py'), '--database', file, '--threads', String(cpus)];
  const child = spawn(python(), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { target: { location: `grpc://127.0.0.1:${port}`, headers: {} }, stop };
}

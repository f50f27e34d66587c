/**
 * An engine without DuckDB: obeys the launch protocol and the control service, and misbehaves as its build says.
 * A program, not a module: `bundleFakeEngine` makes a file of it that Node runs.
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { Server, ServerCredentials, status, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import {
  CONTROL_SECRET_KEY,
  EngineState,
  engineControlService,
  parseEngineLaunch,
  type EngineLaunch,
} from '@pondpilot/engine-api';
import { CLOSED_CONNECTIONS, type FakeEngineBehaviour } from './behaviours.js';

declare const FAKE_ENGINE_BEHAVIOUR: FakeEngineBehaviour;

const behaviour = FAKE_ENGINE_BEHAVIOUR;
/** Longer than any spec; an engine that a failed spec has left ends then. */
const LIFETIME_MS = 180_000;

// Fields of a claim, of the end of a connection or of nothing: what this engine needs of all its requests.
interface Request {
  readonly owner?: string;
  readonly connectionId?: string;
}

let owner: string | undefined;

function answer(launch: EngineLaunch, respond: (request: Request) => object | number) {
  return (call: ServerUnaryCall<Request, object>, done: sendUnaryData<object>) => {
    const allowed = call.metadata.get(CONTROL_SECRET_KEY)[0] === launch.controlSecret;
    const response = allowed ? respond(call.request) : status.UNAUTHENTICATED;
    if (typeof response === 'number') done({ code: response });
    else done(null, response);
  };
}

function claim(request: Request): object | number {
  if (owner !== undefined && owner !== request.owner) return status.FAILED_PRECONDITION;
  owner = request.owner;
  return {};
}

/** Kept in the folder that it works in, for a spec to read. */
function connectionClosed({ connectionId }: Request): object {
  appendFileSync(CLOSED_CONNECTIONS, `${connectionId}\n`);
  return {};
}

function health(): object {
  return {
    state: owner === undefined ? EngineState.UNCLAIMED : EngineState.SERVING,
    engineVersion: 'fake',
    duckdbVersion: '',
    residentBytes: BigInt(process.memoryUsage.rss()),
    uptimeMs: BigInt(Math.round(process.uptime() * 1000)),
    statements: [],
    databases: [],
  };
}

function serveControl(launch: EngineLaunch): Promise<number> {
  const server = new Server();
  server.addService(engineControlService, {
    claim: answer(launch, claim),
    drain: answer(launch, () => ({ statementsLeft: 0 })),
    interrupt: answer(launch, () => ({ interrupted: 0 })),
    connectionClosed: answer(launch, connectionClosed),
    health: answer(launch, health),
  });
  return new Promise((resolve, reject) => {
    server.bindAsync(`${launch.host}:0`, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

/** A port that accepts connections and says nothing. */
function serveSilence(launch: EngineLaunch): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, launch.host, () => resolve((server.address() as { port: number }).port));
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function start(launch: EngineLaunch): Promise<void> {
  if (behaviour === 'exits-at-start') {
    process.stderr.write(`giving up; the secret is ${launch.controlSecret}\n`, () => process.exit(3));
    return;
  }
  if (behaviour === 'reports-failure') {
    print(JSON.stringify({ event: 'failed', message: 'the library is of another version' }));
    return;
  }
  if (behaviour === 'prints-garbage') {
    process.stdout.write('x'.repeat(1_000_000));
    print('\n{"event":"ready","port":"many","controlPort":-1}');
    return;
  }
  if (behaviour === 'slow-to-start') return;
  const port = await serveSilence(launch);
  const controlPort = behaviour === 'never-answers' ? await serveSilence(launch) : await serveControl(launch);
  print('A line that is no report.');
  print(JSON.stringify({ event: 'ready', port, controlPort }));
}

if (behaviour === 'ignores-sigterm') process.on('SIGTERM', () => {});
// Keeps those alive, too, that serve nothing.
setTimeout(() => process.exit(1), LIFETIME_MS);
const input = createInterface({ input: process.stdin });
input.once('line', (line) => void start(parseEngineLaunch(line)));
if (behaviour !== 'ignores-end-of-input') input.once('close', () => process.exit(0));

/** What the specs of the forwarder stand on: the real worker thread, engines that behave as told, raw HTTP/2 clients. */
import { mkdtempSync } from 'node:fs';
import {
  connect,
  createServer,
  type ClientHttp2Session,
  type ClientSessionOptions,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { connect as connectSocket, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CertificateAuthority, type KeyPair } from '@pondpilot/testing';
import { buildSync } from 'esbuild';
import { startListenerIn } from './listener.js';
import type {
  CallOutcome,
  CallRoute,
  CallRouter,
  FlightListener,
  IncomingCall,
  ListenerTls,
} from './types.js';

const MIB = 1024 * 1024;
const WINDOWS = {
  initialWindowSize: MIB,
  maxFrameSize: MIB,
  maxHeaderListSize: MIB,
  maxConcurrentStreams: 1000,
};
const OPTIONS = {
  settings: WINDOWS,
  maxSessionMemory: 1000,
  maxHeaderListPairs: 4000,
  maxSendHeaderBlockLength: MIB,
  strictSingleValueFields: false,
};

let bundle: string | undefined;

/** The worker's entry, built from the sources that the spec runs on. */
function workerFile(): string {
  if (bundle) return bundle;
  bundle = join(mkdtempSync(join(tmpdir(), 'forwarder-')), 'worker.mjs');
  const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));
  buildSync({
    entryPoints: [entry],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
  });
  return bundle;
}

export interface Door {
  readonly port: number;
  readonly listener: FlightListener;
  readonly workers: Worker[];
  readonly errors: Error[];
  /** Ids of the connections that were told to have closed. */
  readonly closed: number[];
}

const opened: (() => unknown)[] = [];

/** Ends all that was opened since the last time. */
export async function closeAll(): Promise<void> {
  for (const close of opened.splice(0).toReversed()) await close();
}

/** What a port has that speaks TLS with this certificate. */
export const tlsOf = (pair: KeyPair, more: Partial<ListenerTls> = {}): ListenerTls => ({
  ...pair,
  minVersion: 'TLSv1.2',
  ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
  honorCipherOrder: true,
  secureOptions: 0,
  requestCert: false,
  rejectUnauthorized: true,
  ...more,
});

let secured: { readonly server: ListenerTls; readonly client: ConnectionOptions } | undefined;

/** Lets all doors and clients of a spec file speak TLS. */
export function speakTls(): void {
  const authority = new CertificateAuthority();
  secured = { server: tlsOf(authority.sign('localhost')), client: { ca: authority.cert } };
  authority.remove();
}

/** Why engines have stopped, by the targets of routes to them. */
export const reasons = new Map<string, string>();

export async function openDoor(router: CallRouter, port = 0, tls = secured?.server): Promise<Door> {
  const workers: Worker[] = [];
  const errors: Error[] = [];
  const closed: number[] = [];
  const options = {
    host: '127.0.0.1',
    port,
    ...(tls ? { tls } : {}),
    onError: (error: Error) => errors.push(error),
    onConnectionClosed: (connectionId: number) => closed.push(connectionId),
    reasonOfStop: async (target: string) => reasons.get(target),
  };
  const spawn = (settings: unknown) => {
    workers.push(new Worker(workerFile(), { workerData: settings }));
    return workers.at(-1)!;
  };
  const listener = await startListenerIn(spawn, options, router);
  opened.push(() => listener.close(0));
  return { port: listener.port, listener, workers, errors, closed };
}

/** A router that sends everything to one engine and keeps what it saw. */
export class ToEngine {
  readonly calls: IncomingCall[] = [];
  readonly outcomes: CallOutcome[] = [];
  private waiting: (() => void)[] = [];

  constructor(
    private readonly port: number,
    private readonly more: Partial<Extract<CallRoute, { kind: 'forward' }>> = {},
  ) {}

  readonly router: CallRouter = async (incoming) => {
    this.calls.push(incoming);
    return this.route();
  };

  /** The ids of the client connections that calls came over. */
  get connections(): number[] {
    return [...new Set(this.calls.map((incoming) => incoming.connectionId))];
  }

  route(): CallRoute {
    const done = (outcome: CallOutcome) => {
      this.outcomes.push(outcome);
      for (const wake of this.waiting.splice(0)) wake();
    };
    return {
      kind: 'forward',
      host: '127.0.0.1',
      port: this.port,
      setHeaders: {},
      dropHeaders: [],
      done,
      ...this.more,
    };
  }

  /** The outcomes, as soon as there are `count` of them. */
  async ended(count: number): Promise<readonly CallOutcome[]> {
    while (this.outcomes.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.outcomes;
  }
}

export type Behaviour = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

export interface Engine {
  readonly port: number;
  readonly sessions: Set<ServerHttp2Session>;
  /** Drops every connection, as a process that is killed does. */
  kill(): void;
}

export async function startEngine(behave: Behaviour): Promise<Engine> {
  const server: Http2Server = createServer(OPTIONS);
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    session.setLocalWindowSize(512 * MIB);
    session.on('error', () => {});
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    behave(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kill = () => sockets.forEach((socket) => socket.destroy());
  opened.push(() => {
    kill();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sessions, kill };
}

/** A client in front of the forwarder in front of one engine, with what the route has besides. */
export async function through(behave: Behaviour, more: ConstructorParameters<typeof ToEngine>[1] = {}) {
  const engine = await startEngine(behave);
  const to = new ToEngine(engine.port, more);
  const door = await openDoor(to.router);
  return { engine, to, door, client: dial(door.port) };
}

/** Response headers, then `messages` as they are, then trailers. */
export function answer(
  stream: ServerHttp2Stream,
  messages: readonly Uint8Array[] = [],
  trailers: OutgoingHttpHeaders = { 'grpc-status': '0' },
  headers: OutgoingHttpHeaders = {},
): void {
  if (stream.destroyed) return;
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', ...headers },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.resume();
  for (const message of messages) stream.write(message);
  stream.end();
}

/** Response headers and nothing more. */
export function begin(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
}

/** Writes zeros for as long as the stream takes them and counts what left. */
export function flood(stream: ServerHttp2Stream, total = Infinity): { pushed: number } {
  const count = { pushed: 0 };
  const chunk = Buffer.alloc(256 * 1024);
  const more = () => {
    if (count.pushed >= total) return void stream.end();
    if (stream.destroyed || stream.closed) return;
    stream.write(chunk, () => {
      count.pushed += chunk.length;
      more();
    });
  };
  more();
  return count;
}

export interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
  readonly status: number;
  readonly message: string;
  readonly reset: number;
}

/** A client connection with windows of 1 MiB. */
export function dial(port: number, tls = secured?.client): ClientHttp2Session {
  const session = dialSmall(port, OPTIONS, tls);
  session.once('connect', () => !session.destroyed && session.setLocalWindowSize(512 * MIB));
  return session;
}

/** A client connection with the windows that HTTP/2 starts with, as grpc-js has them. */
export function dialSmall(
  port: number,
  options: ClientSessionOptions = {},
  tls = secured?.client,
): ClientHttp2Session {
  const socket = connectSocket(port, '127.0.0.1').on('error', () => {});
  const createConnection = () => (tls ? connectTls({ ...tlsClient, ...tls, socket }) : socket);
  const session = connect(`${tls ? 'https' : 'http'}://localhost`, { ...options, createConnection });
  session.on('error', () => {});
  opened.push(() => session.destroy());
  socketOf.set(session, socket);
  return session;
}

const tlsClient: ConnectionOptions = { servername: 'localhost', ALPNProtocols: ['h2'] };
const socketOf = new WeakMap<ClientHttp2Session, Socket>();

/** Lets a client vanish with a reset of TCP. */
export function tcpReset(client: ClientHttp2Session): void {
  socketOf.get(client)!.resetAndDestroy();
}

export function open(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}) {
  const fixed = {
    ':method': 'POST',
    ':path': '/test.Service/Call',
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  const stream = session.request({ ...fixed, ...headers }, { endStream: false });
  stream.on('error', () => {});
  return stream;
}

/** Sends `body`, half-closes and collects the whole answer. */
export function call(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
  body?: Buffer,
): Promise<Answer> {
  const stream = open(session, headers);
  const collected = collect(stream);
  stream.end(body);
  return collected;
}

export function collect(stream: ReturnType<typeof open>): Promise<Answer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  stream.on('response', (received) => (headers = received));
  stream.on('trailers', (received) => (trailers = received));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    stream.on('close', () => {
      const end = trailers['grpc-status'] === undefined ? headers : trailers;
      const status = Number(end['grpc-status'] ?? -1);
      const message = decodeURIComponent(String(end['grpc-message'] ?? ''));
      resolve({
        headers,
        body: Buffer.concat(chunks),
        trailers,
        status,
        message,
        reset: stream.rstCode ?? 0,
      });
    });
  });
}

/** Resolves when `condition` holds; the runner's own time limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Waits until a number stops changing. */
export async function settled(value: () => number): Promise<number> {
  for (let last = -1, same = 0; same < 20; last = value()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    same = value() === last ? same + 1 : 0;
  }
  return value();
}

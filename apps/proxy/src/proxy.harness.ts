/** What the specs of the proxy stand on: the whole application, with an orchestrator and an engine that are watched. */
import { createHmac } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig, type TlsConfig } from '@pondpilot/config';
import { Orchestrator, type EngineLease, type Owner, type Waiting } from '@pondpilot/orchestrator';
import type { ProxyServer } from './proxy-server.js';

export const SECRET = 'correct horse battery staple, twice';
const SERVICE = '/arrow.flight.protocol.FlightService';
const raw = (bytes: Buffer) => bytes;
const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
  path,
  requestStream,
  responseStream,
  requestSerialize: raw,
  requestDeserialize: raw,
  responseSerialize: raw,
  responseDeserialize: raw,
});

/** A token of this user, signed as the configuration wants it. */
export function tokenFor(sub: string, claims: object = {}): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, exp, ...claims })}`;
  return `${content}.${createHmac('sha256', SECRET).update(content).digest('base64url')}`;
}

/**
 * Stands for every user's engine: answers GetFlightInfo with the metadata it saw, PollFlightInfo with what it was asked,
 * and DoGet in two halves.
 */
export class WatchedEngine {
  private readonly server = new grpc.Server();
  private finish: (() => void) | undefined;
  port = 0;

  async start(): Promise<void> {
    this.server.addService(
      {
        info: method(`${SERVICE}/GetFlightInfo`, false, false),
        poll: method(`${SERVICE}/PollFlightInfo`, false, false),
        get: method(`${SERVICE}/DoGet`, false, true),
      },
      {
        info: (call: grpc.ServerUnaryCall<Buffer, Buffer>, answer: grpc.sendUnaryData<Buffer>) =>
          answer(null, Buffer.from(JSON.stringify(call.metadata.getMap()))),
        poll: ({ request }: grpc.ServerUnaryCall<Buffer, Buffer>, answer: grpc.sendUnaryData<Buffer>) =>
          answer(null, request),
        get: (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
          call.write(Buffer.from('first'));
          this.finish = () => {
            call.write(Buffer.from('last'));
            call.end();
          };
        },
      },
    );
    const credentials = grpc.ServerCredentials.createInsecure();
    this.port = await new Promise((resolve, reject) =>
      this.server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
  }

  /** Lets the DoGet in flight come to its end. */
  finishStream(): void {
    this.finish?.();
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

/** Leases the watched engine to everyone, and counts. */
export class WatchedOrchestrator extends Orchestrator {
  readonly owners: Owner[] = [];
  /** Leases that were given and not released. */
  held = 0;
  /** Ends of connections that engines were told of. */
  readonly closed: Array<{ engineId: string; connectionId: string }> = [];
  /** That of the latest request. */
  signal: AbortSignal | undefined;
  engineId = 'e1';
  /** Ports that the next leases have instead of the engine's. */
  readonly ports: number[] = [];
  /** What it says that everyone waits for. */
  waiting: Waiting | undefined;
  /** What each request waits for before it gets its lease. */
  gate: Promise<unknown> = Promise.resolve();

  constructor(private readonly engine: WatchedEngine) {
    super();
  }

  override async acquire(owner: Owner, signal?: AbortSignal): Promise<EngineLease> {
    this.owners.push(owner);
    this.signal = signal;
    // As the manager does: who leaves waits for nothing any more.
    signal?.addEventListener('abort', () => (this.waiting = undefined));
    await this.gate;
    this.held += 1;
    let held = true;
    const release = () => {
      if (held) this.held -= 1;
      held = false;
    };
    const port = this.ports.shift() ?? this.engine.port;
    return { engineId: this.engineId, host: '127.0.0.1', port, callSecret: 'the secret', release };
  }

  override connectionClosed(engineId: string, connectionId: string): void {
    this.closed.push({ engineId, connectionId });
  }

  override statistics() {
    const { held: active } = this;
    return { active, spare: 0, waiting: {}, totalSpawned: 1, totalStopped: 0, lastFailure: undefined };
  }

  override async reasonOfEnd(): Promise<undefined> {}

  override waitOf(): Waiting | undefined {
    return this.waiting;
  }

  override async check() {
    return { provider: 'watched', usable: true };
  }
}

export interface RunningProxy {
  readonly app: NestExpressApplication;
  readonly server: ProxyServer;
  readonly url: string;
  readonly orchestrator: WatchedOrchestrator;
  readonly engine: WatchedEngine;
  readonly logs: string[];
  /** A client with a connection of its own, in the clear unless it has credentials. */
  client(credentials?: grpc.ChannelCredentials): grpc.Client;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  readonly demoTokens?: boolean;
  readonly ports?: { readonly port: number; readonly grpcPort: number };
  readonly tls?: TlsConfig;
}

/**
 * The application as it is started, but for its orchestrator. Its modules are imported when Nest has been: jest can't
 * load the CommonJS throttler, which requires Nest, before it. The listener is the built one, for its worker thread.
 */
export async function startProxy(options: ProxyOptions = {}): Promise<RunningProxy> {
  const { AppModule } = await import('./app.module.js');
  const { ProxyServer } = await import('./proxy-server.js');
  const { Certificates } = await import('./tls/certificates.js');
  const { httpTls } = await import('./tls/tls-options.js');
  const certificates = options.tls && Certificates.read(options.tls);
  const { START_LISTENER } = await import('./flight/flight-transport.js');
  const built = (await import(
    new URL('../../../libs/flight-sql/dist/forwarder/index.js', import.meta.url).href
  )) as typeof import('@pondpilot/flight-sql/forwarder');
  const engine = new WatchedEngine();
  await engine.start();
  const orchestrator = new WatchedOrchestrator(engine);
  const logs: string[] = [];
  const module = await Test.createTestingModule({
    imports: [AppModule.forRoot(configFor(options), { write: (line) => logs.push(line) })],
  })
    .overrideProvider(Orchestrator)
    .useValue(orchestrator)
    .overrideProvider(START_LISTENER)
    .useValue(built.startListener)
    .compile();
  const https = certificates ? { httpsOptions: httpTls(certificates.current) } : {};
  const app = module.createNestApplication<NestExpressApplication>({ logger: false, ...https });
  const server = new ProxyServer(app, certificates);
  try {
    await server.listen();
  } catch (error) {
    engine.stop();
    throw error;
  }
  const clients: grpc.Client[] = [];
  return {
    app,
    server,
    orchestrator,
    engine,
    logs,
    url: `${certificates ? 'https' : 'http'}://127.0.0.1:${server.httpPort}`,
    client(credentials = grpc.credentials.createInsecure()) {
      const client = new grpc.Client(`127.0.0.1:${server.grpcPort}`, credentials, {
        'grpc.ssl_target_name_override': 'localhost',
        'grpc.use_local_subchannel_pool': 1,
        'grpc.enable_http_proxy': 0,
        'grpc.enable_retries': 0,
      });
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.close();
      await server.drain(0);
      engine.stop();
    },
  };
}

function configFor({ demoTokens = false, ports = { port: 0, grpcPort: 0 } }: ProxyOptions) {
  const config = loadConfig({ env: { JWT_SECRET: SECRET }, cwd: '/nonexistent', rootFile: '/nonexistent' });
  return {
    ...config,
    server: { ...config.server, host: '127.0.0.1', ...ports, trustProxy: ['127.0.0.1'] },
    security: { ...config.security, demoTokens: { ...config.security.demoTokens, enabled: demoTokens } },
  };
}

export interface Answer {
  readonly message: Buffer | undefined;
  readonly metadata: grpc.Metadata;
  readonly status: grpc.StatusObject;
}

export function metadataOf(headers: Record<string, string>): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) {
    metadata.add(name, name.endsWith('-bin') ? Buffer.from(value) : value);
  }
  return metadata;
}

/** One call with one message each way, as unary calls and handshakes are on the wire. */
export async function ask(
  client: grpc.Client,
  path: string,
  headers: Record<string, string> = {},
  message: Uint8Array = Buffer.from('request'),
): Promise<Answer> {
  const stream = client.makeServerStreamRequest(path, raw, raw, Buffer.from(message), metadataOf(headers));
  let metadata = new grpc.Metadata();
  let answer: Buffer | undefined;
  stream.on('metadata', (given: grpc.Metadata) => (metadata = given));
  stream.on('data', (given: Buffer) => (answer = given));
  stream.on('error', () => {});
  const status = await statusOf(stream);
  return { message: answer, metadata, status };
}

export const flightInfo = `${SERVICE}/GetFlightInfo`;
export const pollFlightInfo = `${SERVICE}/PollFlightInfo`;
export const doGet = `${SERVICE}/DoGet`;
export const handshake = `${SERVICE}/Handshake`;

/** Opens a call and leaves it open. */
export function open(
  client: grpc.Client,
  path: string,
  headers: Record<string, string>,
  message = Buffer.from(''),
) {
  const stream = client.makeServerStreamRequest(path, raw, raw, message, metadataOf(headers));
  stream.on('error', () => {});
  return stream;
}

/** Waits until something holds; a test that waits for ever fails by its own time-out. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** How a call ends. */
export function statusOf(stream: grpc.ClientReadableStream<Buffer>): Promise<grpc.StatusObject> {
  return new Promise((resolve) => stream.on('status', resolve));
}

export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(reason: Error): void;
}

/** A promise that the test settles. */
export function deferred(): Deferred {
  let resolve = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { httpsGet, type HttpAnswer } from './https.js';
import { freePort } from './ports.js';
import { prepared, type SampleDatabase } from './prepared.js';
import { descendants } from './processes.js';
import { processesInContainers, removeDeployment } from './docker.js';
import { proxySettings, tls, type KeyPair } from './tls.js';
import { secondsFromNow, signToken } from './tokens.js';
import { until } from './until.js';

export { freePort };

const main = resolve('apps/proxy/dist/main.js');

/** A database as the configuration has it. */
export interface ConfiguredDatabase extends SampleDatabase {
  readonly read_only?: boolean;
}

export interface DatabaseSettings {
  /** Instead of the samples. */
  readonly databases?: readonly ConfiguredDatabase[];
  readonly extensions?: readonly string[];
  /** How the batches of results are compressed. */
  readonly resultCompression?: 'none' | 'zstd';
  /** Goes into the configuration as it is. */
  readonly limits?: Record<string, unknown>;
  /** JWT_SECRET: the same one makes it the same deployment, whose engines of before it takes over. */
  readonly secret?: string;
  /** Besides what it always has. */
  readonly env?: Record<string, string>;
  /** What the proxy is started by, such as a program that changes the network, and the address that it then has. */
  readonly within?: { readonly command: readonly string[]; readonly host: string };
}

/** The provider that the client suites run on, and what it needs; `process` unless they are told. */
const provider = JSON.parse(process.env['TEST_PROVIDER'] ?? '{ "provider": "process" }') as Record<
  string,
  unknown
>;

/** What clients connect by. */
export interface Access {
  readonly location: string;
  readonly token: string;
  /** What pyarrow takes for TLS, by its names; nothing in the clear. */
  readonly tls: Record<string, string>;
}

interface Detail {
  readonly status: string;
  readonly containers: {
    readonly active: number;
    readonly total_spawned: number;
    readonly total_stopped: number;
    readonly spare: number;
  };
  readonly uptime_seconds: number;
}

/** The started product, with ports, settings and databases of its own. */
export class Product {
  private readonly lines: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    /** Its own: the configuration and, with TLS, the certificates are in it. */
    readonly folder: string,
    readonly secret: string,
    /** Do engines outlive it? */
    private readonly lasting: boolean,
    readonly host: string,
    readonly httpPort: number,
    readonly grpcPort: number,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        this.lines.push(...lines);
      });
    }
  }

  /** Starts the proxy and waits until it is ready. `containers` goes into the configuration. */
  static async start(
    containers: Record<string, unknown> = {},
    {
      databases = prepared.databases,
      extensions = [],
      resultCompression,
      limits = {},
      secret = randomBytes(32).toString('hex'),
      env: added = {},
      within = { command: [], host: '127.0.0.1' },
    }: DatabaseSettings = {},
  ): Promise<Product> {
    const folder = mkdtempSync(join(tmpdir(), 'product-'));
    const [httpPort, grpcPort] = await Promise.all([freePort(), freePort()]);
    const config = {
      containers: { ...provider, ...containers } as Record<string, unknown>,
      limits,
      duckdb: {
        extension_directory: prepared.extensions,
        extensions,
        attached_databases: databases,
        result_compression: resultCompression,
      },
      security: { demo_tokens: { enabled: true, databases: databases.map(({ alias }) => alias) } },
    };
    const file = join(folder, 'config.yaml');
    writeFileSync(file, JSON.stringify(config));
    const env = {
      PATH: process.env['PATH'],
      ...(process.env['DOCKER_HOST'] ? { DOCKER_HOST: process.env['DOCKER_HOST'] } : {}),
      HOST: '127.0.0.1',
      PORT: String(httpPort),
      GRPC_PORT: String(grpcPort),
      JWT_SECRET: secret,
      CONFIG_FILE: file,
      ...proxySettings(folder),
      ...added,
    };
    const lasting = config.containers['provider'] === 'docker';
    const [program, ...args] = [...within.command, process.execPath, main];
    const child = spawn(program!, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const product = new Product(child, folder, secret, lasting, within.host, httpPort, grpcPort);
    try {
      await until('ready', () => product.isReady());
    } catch (error) {
      await product.stop();
      throw new Error(`The proxy does not get ready:\n${product.log().join('\n')}`, { cause: error });
    }
    return product;
  }

  get pid(): number {
    return this.child.pid!;
  }

  get httpUrl(): string {
    return `${tls ? 'https' : 'http'}://${this.host}:${this.httpPort}`;
  }

  get location(): string {
    return `${tls ? 'grpc+tls' : 'grpc'}://${this.host}:${this.grpcPort}`;
  }

  /** A valid token of this user, unless the claims say otherwise. */
  token(sub: string, claims: Record<string, unknown> = {}): string {
    return signToken({ sub, exp: secondsFromNow(600), ...claims }, this.secret);
  }

  /** All that this user's client needs. */
  access(sub: string): Access {
    const shown = tls?.client && { cert_chain: tls.client.cert, private_key: tls.client.key };
    return {
      location: this.location,
      token: this.token(sub),
      tls: tls ? { tls_root_certs: tls.ca, ...shown } : {},
    };
  }

  /** All lines so far that hold this text. */
  log(text = ''): string[] {
    return this.lines.filter((line) => line.includes(text));
  }

  async detail(): Promise<Detail> {
    return JSON.parse((await this.get('/health/detailed', tls?.client)).body) as Detail;
  }

  /** Process ids of the engines that run now. */
  engines(): number[] {
    return this.lasting ? processesInContainers(this.secret) : descendants(this.pid);
  }

  /** Ends it as an operator would, and engines that outlive it. Resolves with the exit code; 128 and the signal's number where one ended it. */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number> {
    const code = await this.leave(signal);
    if (this.lasting) await removeDeployment(this.secret);
    return code;
  }

  /** Ends it, and leaves the engines that outlive it to the next one with the same secret. */
  async leave(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((done) => this.child.once('exit', done));
      this.child.kill(signal);
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
    return this.child.exitCode ?? 128;
  }

  private async isReady(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`exit code ${this.child.exitCode}`);
    return this.get('/ready').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** Probes show no certificate: only what is not for them is asked for with one. */
  private async get(path: string, shown?: KeyPair): Promise<HttpAnswer> {
    const url = this.httpUrl + path;
    if (tls) return httpsGet(url, { ca: tls.ca, ...shown });
    const answer = await fetch(url);
    return { status: answer.status, body: await answer.text() };
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect } from 'node:tls';
import { CertificateAuthority, type KeyPair } from '../../../libs/testing/src/certificates.js';
import { httpsGet, type HttpAnswer } from './https.js';
import { freePort } from './ports.js';
import { secondsFromNow, signToken } from './tokens.js';
import { until } from './until.js';

export { CertificateAuthority, type KeyPair };

const secret = 'a secret of the tests, long enough for the proxy';
const main = resolve('apps/proxy/dist/main.js');

/** The started product with TLS on both ports, by files that a test may replace. */
export class TlsProduct {
  readonly folder = mkdtempSync(join(tmpdir(), 'tls-product-'));
  private readonly child: ChildProcess;
  private output = '';

  private constructor(
    files: readonly [name: string, pem: string][],
    readonly httpPort: number,
    readonly grpcPort: number,
  ) {
    for (const [name, pem] of files) writeFileSync(this.file(name), pem);
    const env = {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: String(httpPort),
      GRPC_PORT: String(grpcPort),
      JWT_SECRET: secret,
      ORCHESTRATOR: 'process',
      TLS_CERT_FILE: this.file('tls.crt'),
      TLS_KEY_FILE: this.file('tls.key'),
      ...(files.some(([name]) => name === 'ca.crt') ? { TLS_CLIENT_CA_FILE: 'ca.crt' } : {}),
    };
    this.child = spawn(process.execPath, [main], {
      env,
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /** Starts it with this certificate; clients need one that `clientCa` (PEM) signed, where that is given. */
  static async start({ cert, key }: KeyPair, clientCa?: string): Promise<TlsProduct> {
    const product = await TlsProduct.launch({ cert, key }, clientCa);
    await until('both ports are open', () => {
      if (product.child.exitCode !== null) throw new Error(product.output);
      return product.output.includes('HTTP server listening');
    });
    return product;
  }

  /** As `start`, but waits for nothing. */
  static async launch({ cert, key }: KeyPair, clientCa?: string): Promise<TlsProduct> {
    const files: [string, string][] = [
      ['tls.crt', cert],
      ['tls.key', key],
    ];
    if (clientCa !== undefined) files.push(['ca.crt', clientCa]);
    return new TlsProduct(files, await freePort(), await freePort());
  }

  /** The path of a file beside those of the settings. */
  file(name: string): string {
    return join(this.folder, name);
  }

  get location(): string {
    return `grpc+tls://localhost:${this.grpcPort}`;
  }

  /** All that it has written so far. */
  log(): string {
    return this.output;
  }

  token(sub: string): string {
    return signToken({ sub, exp: secondsFromNow(600) }, secret);
  }

  /** Puts another certificate into the files. */
  replace({ cert, key }: KeyPair): void {
    writeFileSync(this.file('tls.crt'), cert);
    writeFileSync(this.file('tls.key'), key);
  }

  /** The common name of the certificate that a port shows. */
  shownName(port: number): Promise<string> {
    return new Promise((done, failed) => {
      const options = {
        host: '127.0.0.1',
        port,
        rejectUnauthorized: false,
        ALPNProtocols: ['h2', 'http/1.1'],
      };
      const socket = connect(options, () => {
        done(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      }).on('error', failed);
    });
  }

  get(path: string, options: RequestOptions): Promise<HttpAnswer> {
    return httpsGet(`https://localhost:${this.httpPort}${path}`, options);
  }

  signal(name: 'SIGHUP'): void {
    this.child.kill(name);
  }

  /** The exit code, where it ends by itself. */
  async ended(): Promise<number | null> {
    await until('it has ended', () => this.child.exitCode !== null);
    return this.child.exitCode;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((done) => this.child.once('exit', done));
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true });
  }
}

/** Certificates for specs, made by the `openssl` program. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** How long it is valid; with -1 it has expired. */
  readonly days?: number;
  /** Names of the server that it is for. */
  readonly names?: readonly string[];
  readonly kind?: 'ec' | 'rsa';
}

const KEYS = { ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], rsa: ['rsa:2048'] };

/** An authority that signs certificates, in a folder of its own. */
export class CertificateAuthority implements KeyPair {
  readonly cert: string;
  readonly key: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'certificates-'));

  constructor(name = 'Authority of the tests') {
    const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
    const given = extensions.flatMap((each) => ['-addext', each]);
    this.openssl(
      'req',
      '-x509',
      '-newkey',
      ...KEYS.ec,
      '-nodes',
      ...this.subject(name),
      ...given,
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
    );
    ({ cert: this.cert, key: this.key } = this.read('ca'));
  }

  /** A certificate of this common name; a server's, unless it has no names, and a client's. */
  sign(name: string, options: CertificateOptions = {}): KeyPair {
    const { days = 365, names = ['DNS:localhost', 'IP:127.0.0.1'], kind = 'ec' } = options;
    const alternative = names.length > 0 ? `subjectAltName=${names.join(',')}\n` : '';
    writeFileSync(join(this.folder, 'ext'), `basicConstraints=CA:FALSE\n${alternative}`);
    this.openssl(
      'req',
      '-newkey',
      ...KEYS[kind],
      '-nodes',
      ...this.subject(name),
      '-keyout',
      'leaf.key',
      '-out',
      'leaf.csr',
    );
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext'];
    this.openssl('x509', '-req', '-in', 'leaf.csr', ...by, '-days', String(days), '-out', 'leaf.crt');
    return this.read('leaf');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private subject(name: string): string[] {
    return ['-subj', `/CN=${name}`];
  }

  private read(name: string): KeyPair {
    const [cert, key] = ['crt', 'key'].map((end) =>
      readFileSync(join(this.folder, `${name}.${end}`), 'utf8'),
    );
    return { cert: cert!, key: key! };
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

/** What the specs of TLS stand on: certificates in files, as an operator has them, and clients that look at them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import type { TlsConfig } from '@pondpilot/config';
import type { KeyPair } from '@pondpilot/testing';

/** The files of the settings, in a folder of their own. */
export class TlsFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'tls-'));
  readonly config: TlsConfig = {
    certFile: join(this.path, 'tls.crt'),
    keyFile: join(this.path, 'tls.key'),
    clientCaFile: undefined,
  };
  /** The same, with authorities for clients. */
  readonly asking = { ...this.config, clientCaFile: join(this.path, 'ca.crt') };

  write({ cert, key, ca }: Partial<KeyPair> & { readonly ca?: string }): void {
    if (cert !== undefined) writeFileSync(this.config.certFile, cert);
    if (key !== undefined) writeFileSync(this.config.keyFile, key);
    if (ca !== undefined) writeFileSync(this.asking.clientCaFile, ca);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Status, media type and body of an answer over a connection of its own. */
export function askOver(
  url: string,
  options: RequestOptions,
): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, ...options }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', body }),
      );
    });
    asked.on('error', reject).end();
  });
}

/** What a handshake agrees on. Rejects where it fails. */
export function handshake(port: number, options: ConnectionOptions) {
  return new Promise<{ name: unknown; protocol: string | null; cipher: string; alpn: unknown }>(
    (resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ...options }, () => {
        const agreed = {
          name: socket.getPeerCertificate().subject.CN,
          protocol: socket.getProtocol(),
          cipher: socket.getCipher().name,
          alpn: socket.alpnProtocol,
        };
        socket.destroy();
        resolve(agreed);
      });
      socket.on('error', reject);
    },
  );
}

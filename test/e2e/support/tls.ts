import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority, type KeyPair } from '../../../libs/testing/src/certificates.js';

export type { KeyPair };

/** What both ends of a connection need. */
export interface Tls {
  /** The authority that signed all of it. */
  readonly ca: string;
  readonly server: KeyPair;
  /** Where the proxy asks for certificates of clients. */
  readonly client?: KeyPair;
}

/**
 * What the suites of clients speak with the proxy by: TEST_TLS is `server` for TLS, `mutual` where clients show
 * certificates too; without it they speak in the clear.
 */
export const tls: Tls | undefined = made(process.env['TEST_TLS'] ?? '');

function made(mode: string): Tls | undefined {
  if (mode === '') return undefined;
  if (mode !== 'server' && mode !== 'mutual')
    throw new Error(`TEST_TLS is "server" or "mutual", not "${mode}".`);
  const authority = new CertificateAuthority();
  try {
    const client = mode === 'mutual' ? { client: authority.sign('a client', { names: [] }) } : {};
    return { ca: authority.cert, server: authority.sign('proxy'), ...client };
  } finally {
    authority.remove();
  }
}

/** Writes it all into this folder, and answers what the proxy is told. */
export function proxySettings(folder: string): Record<string, string> {
  if (!tls) return {};
  const { ca, server, client } = tls;
  const files = { 'ca.crt': ca, 'tls.crt': server.cert, 'tls.key': server.key };
  const shown = client ? { 'client.crt': client.cert, 'client.key': client.key } : {};
  for (const [name, pem] of Object.entries({ ...files, ...shown })) writeFileSync(join(folder, name), pem);
  return {
    TLS_CERT_FILE: join(folder, 'tls.crt'),
    TLS_KEY_FILE: join(folder, 'tls.key'),
    ...(client ? { TLS_CLIENT_CA_FILE: join(folder, 'ca.crt') } : {}),
  };
}

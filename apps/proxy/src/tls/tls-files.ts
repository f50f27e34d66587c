import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TlsConfig } from '@pondpilot/config';
import { messageOf } from '@pondpilot/kernel';
import { policy } from './policy.js';

/** What the files of the settings held at one time, all PEM. */
export interface PemFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
}

/** Files that fit together. */
export interface Certificate extends PemFiles {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What is wrong with the files: a line for each, by its setting and its path, without anything that it holds. */
export interface TlsProblems {
  readonly problems: readonly string[];
}

/** Reads the files and checks that TLS can be spoken with them. `pem` is what could be read, good or bad. */
export function readTlsFiles(config: TlsConfig): { pem: string; read: Certificate | TlsProblems } {
  const problems: string[] = [];
  const cert = readPem(CERT_FILE, config.certFile, problems);
  const key = readPem(KEY_FILE, config.keyFile, problems);
  const { clientCaFile } = config;
  const clientCa = clientCaFile === undefined ? undefined : readPem(CLIENT_CA_FILE, clientCaFile, problems);
  const files = { cert, key, clientCa };
  const pem = Object.values(files).join('\0');
  return { pem, read: problems.length > 0 ? { problems } : check(config, files) };
}

const CERT_FILE = 'server.tls.cert_file (TLS_CERT_FILE)';
const KEY_FILE = 'server.tls.key_file (TLS_KEY_FILE)';
const CLIENT_CA_FILE = 'server.tls.client_ca_file (TLS_CLIENT_CA_FILE)';

function readPem(setting: string, path: string, problems: string[]): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    problems.push(`${setting}: ${path} can't be read (${code})`);
    return '';
  }
}

function check(config: TlsConfig, files: PemFiles): Certificate | TlsProblems {
  const cert = certificateIn(files.cert);
  const key = keyIn(files.key);
  const problems: string[] = [];
  if (!cert) problems.push(`${CERT_FILE}: ${config.certFile} holds no certificate in PEM`);
  if (typeof key === 'string') problems.push(`${KEY_FILE}: ${config.keyFile} ${key}`);
  else if (cert && !cert.checkPrivateKey(key))
    problems.push(`${KEY_FILE}: ${config.keyFile} is not the key of the certificate in ${config.certFile}`);
  if (files.clientCa !== undefined && !certificateIn(files.clientCa))
    problems.push(`${CLIENT_CA_FILE}: ${config.clientCaFile} holds no certificate in PEM`);
  if (!cert || problems.length > 0) return { problems };
  const unusable = problemOfContext(files);
  if (unusable) return { problems: [`${CERT_FILE}: ${config.certFile} can't be used: ${unusable}`] };
  return { ...files, notBefore: cert.validFromDate, notAfter: cert.validToDate };
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** PKCS #8, and the form of a kind of key (RFC 1421). */
const ENCRYPTED = /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** The key, or what is wrong with it: OpenSSL's own text could hold parts of it. */
function keyIn(pem: string): KeyObject | string {
  try {
    return createPrivateKey(pem);
  } catch {
    return ENCRYPTED.test(pem)
      ? 'has a passphrase: give the key without one, in a file that only the proxy may read'
      : 'holds no private key in PEM';
  }
}

/** What OpenSSL says of files that are good each by itself, e.g. of a key that is too short. */
function problemOfContext({ cert, key, clientCa }: PemFiles): string | undefined {
  try {
    createSecureContext({ ...policy, cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CertificateAuthority } from '@pondpilot/testing';
import { Certificates } from './certificates.js';
import { readTlsFiles } from './tls-files.js';
import { TlsFolder } from './tls.harness.js';

const authority = new CertificateAuthority();
const good = authority.sign('proxy');
afterAll(() => authority.remove());

let folder: TlsFolder;
beforeEach(() => {
  folder = new TlsFolder();
  folder.write({ ...good, ca: authority.cert });
});
afterEach(() => folder.remove());

const withPassphrase = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'planted' },
  }).privateKey;

describe('files that fit together', () => {
  it.each(['ec', 'rsa'] as const)('are taken, with an %s key', (kind) => {
    const pair = authority.sign('proxy', { kind });
    folder.write(pair);
    const { read } = readTlsFiles(folder.asking);
    expect(read).toMatchObject({ ...pair, clientCa: authority.cert });
    expect('notAfter' in read && read.notAfter.getTime()).toBeGreaterThan(Date.now());
  });
});

describe('what can not be used is told by setting and path, and without its content', () => {
  const cases: [string, Parameters<TlsFolder['write']>[0], RegExp][] = [
    ['no certificate', { cert: 'planted' }, /cert_file \(TLS_CERT_FILE\): \S+tls\.crt holds no certificate/],
    ['a key for a certificate', { cert: good.key }, /cert_file .*tls\.crt holds no certificate/],
    ['no key', { key: 'planted' }, /key_file \(TLS_KEY_FILE\): \S+tls\.key holds no private key/],
    ['a certificate for a key', { key: good.cert }, /key_file .*tls\.key holds no private key/],
    ['a key with a passphrase', { key: withPassphrase() }, /key_file .*tls\.key has a passphrase/],
    [
      'the key of another',
      { key: authority.key },
      /tls\.key is not the key of the certificate in \S+tls\.crt/,
    ],
    ['no authority', { ca: 'planted' }, /client_ca_file \(TLS_CLIENT_CA_FILE\): \S+ca\.crt holds no cert/],
  ];

  it.each(cases)('%s', (_name, files, line) => {
    folder.write(files);
    const { read } = readTlsFiles(folder.asking);
    const { problems } = read as { problems: string[] };
    expect(problems).toEqual([expect.stringMatching(line)]);
    for (const secret of ['planted', ...good.key.split('\n').filter((part) => part.length > 20)])
      expect(problems[0]).not.toContain(secret);
  });

  it('files that are not there, all at once, which stops the start', () => {
    const nowhere = { certFile: '/none/a', keyFile: '/none/b', clientCaFile: '/none/c' };
    const problems = [
      "server.tls.cert_file (TLS_CERT_FILE): /none/a can't be read (ENOENT)",
      "server.tls.key_file (TLS_KEY_FILE): /none/b can't be read (ENOENT)",
      "server.tls.client_ca_file (TLS_CLIENT_CA_FILE): /none/c can't be read (ENOENT)",
    ];
    expect(readTlsFiles(nowhere).read).toEqual({ problems });
    expect(() => Certificates.read(nowhere)).toThrow(expect.objectContaining({ problems }));
  });
});

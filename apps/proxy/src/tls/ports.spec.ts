import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as grpc from '@grpc/grpc-js';
import { CertificateAuthority } from '@pondpilot/testing';
import { connect } from 'node:net';
import {
  ask,
  doGet,
  flightInfo,
  open,
  startProxy,
  tokenFor,
  until,
  type RunningProxy,
} from '../proxy.harness.js';
import { askOver, handshake, TlsFolder } from './tls.harness.js';

const authority = new CertificateAuthority();
const foreign = new CertificateAuthority('Another authority');
const trusting = { ca: authority.cert, servername: 'localhost' };
const bearer = { authorization: `Bearer ${tokenFor('ada')}` };
const rootCert = Buffer.from(authority.cert);

let folder: TlsFolder;
let proxy: RunningProxy;
beforeEach(() => {
  folder = new TlsFolder();
  folder.write({ ...authority.sign('first'), ca: authority.cert });
});
afterEach(async () => {
  await proxy.stop();
  folder.remove();
});
afterAll(() => {
  authority.remove();
  foreign.remove();
});

const ports = () => [
  ['grpc', proxy.server.grpcPort, ['h2']] as const,
  ['http', proxy.server.httpPort, ['http/1.1']] as const,
];
const names = async () => {
  const shown = ports().map(([, port, alpn]) => handshake(port, { ...trusting, ALPNProtocols: [...alpn] }));
  return (await Promise.all(shown)).map(({ name }) => name);
};

describe('with a certificate', () => {
  beforeEach(async () => {
    proxy = await startProxy({ tls: folder.config });
  });

  it('both ports speak TLS, and the log says so', async () => {
    const { status } = await ask(proxy.client(grpc.credentials.createSsl(rootCert)), flightInfo, bearer);
    expect(status.code).toBe(0);
    const health = await askOver(`${proxy.url}/health`, trusting);
    expect(health).toMatchObject({ status: 200, body: '{"status":"healthy"}' });
    expect(proxy.logs.join('')).toMatch(
      /^level=info msg="gRPC server listening" port=\d+ scheme=grpc\+tls .*\n.*"HTTP server listening" port=\d+ scheme=https /m,
    );
  });

  it('both take TLS 1.2 and 1.3 with forward secrecy, and nothing older or weaker', async () => {
    for (const [, port, alpn] of ports()) {
      const shake = (options: object) =>
        handshake(port, { ...trusting, ALPNProtocols: [...alpn], ...options });
      expect(await shake({})).toMatchObject({ protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' });
      const old = await shake({ maxVersion: 'TLSv1.2' });
      expect(old).toMatchObject({
        protocol: 'TLSv1.2',
        cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
        alpn: alpn[0],
      });
      // Without that, the client would refuse by itself.
      const weak = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
      await expect(shake(weak)).rejects.toThrow(/protocol version/);
      const cbc = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' };
      await expect(shake(cbc)).rejects.toThrow(/handshake failure/);
    }
  });

  it('both end a client that speaks in the clear', async () => {
    for (const [, port] of ports()) {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
      await new Promise((resolve) =>
        socket
          .on('error', () => {})
          .resume()
          .once('close', resolve),
      );
    }
    const { status } = await ask(proxy.client(), flightInfo, bearer);
    expect(status.code).toBe(14);
    expect(proxy.orchestrator.owners).toEqual([]);
  });

  it('both take a new one, while a stream goes on', async () => {
    const stream = open(proxy.client(grpc.credentials.createSsl(rootCert)), doGet, bearer);
    const received: string[] = [];
    stream.on('data', (bytes: Buffer) => received.push(String(bytes)));
    await until(() => received.length === 1);
    folder.write(authority.sign('second', { kind: 'rsa' }));
    proxy.server.reloadCertificate();
    while ((await names())[0] === 'first') continue;
    expect(await names()).toEqual(['second', 'second']);
    proxy.engine.finishStream();
    await until(() => received.length === 2);
  });

  it('both keep the old one where the new one is bad', async () => {
    folder.write({ key: foreign.key });
    proxy.server.reloadCertificate();
    expect(await names()).toEqual(['first', 'first']);
  });
});

describe('with authorities for certificates of clients', () => {
  beforeEach(async () => {
    proxy = await startProxy({ tls: folder.asking, demoTokens: true });
  });

  const shown = authority.sign('client', { names: [] });
  const strangers: [string, { cert?: string; key?: string }][] = [
    ['none', {}],
    ['one that another authority signed', foreign.sign('client')],
    ['one that has expired', authority.sign('client', { days: -1 })],
  ];

  it('those who show one are served on both ports', async () => {
    const credentials = grpc.credentials.createSsl(rootCert, Buffer.from(shown.key), Buffer.from(shown.cert));
    expect((await ask(proxy.client(credentials), flightInfo, bearer)).status.code).toBe(0);
    const options = { ...trusting, ...shown };
    expect(await askOver(`${proxy.url}/health/detailed`, options)).toMatchObject({ status: 200 });
    const token = await askOver(`${proxy.url}/auth/demo-token`, { ...options, method: 'POST' });
    expect(token.status).toBe(201);
  });

  it.each(strangers)('the gRPC port has no connection for who shows %s', async (_name, { cert, key }) => {
    const pem = (text?: string) => (text === undefined ? null : Buffer.from(text));
    const credentials = grpc.credentials.createSsl(rootCert, pem(key), pem(cert));
    expect((await ask(proxy.client(credentials), flightInfo, bearer)).status.code).toBe(14);
    expect(proxy.orchestrator.owners).toEqual([]);
  });

  it.each(strangers)(
    'the HTTP port has the answers to probes for who shows %s, and no more',
    async (_name, pair) => {
      const options = { ...trusting, ...pair };
      const get = (path: string, method = 'GET') => askOver(proxy.url + path, { ...options, method });
      expect(await get('/health')).toMatchObject({ status: 200, body: '{"status":"healthy"}' });
      expect(await get('/ready')).toMatchObject({ status: 200, body: '{"ready":true}' });
      for (const path of ['/health/detailed', '/', '/health/../auth', '//health', '/nowhere?/health'])
        expect([path, (await get(path)).status]).toEqual([path, 403]);
      const refused = await get('/auth/demo-token', 'POST');
      expect(refused).toMatchObject({ status: 403, type: 'application/problem+json' });
      expect(JSON.parse(refused.body)).toMatchObject({
        type: 'urn:pondpilot:problem:permission_denied',
        detail: expect.stringContaining('client_ca_file'),
      });
    },
  );
});

import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { CertificateAuthority } from '@pondpilot/testing';
import { connect as connectSocket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import {
  answer,
  begin,
  call,
  closeAll,
  dial,
  flood,
  open,
  openDoor,
  startEngine,
  tlsOf,
  ToEngine,
  until,
} from './forwarder.harness.js';
import type { ListenerTls } from './types.js';

const authority = new CertificateAuthority();
const foreign = new CertificateAuthority('Another authority');
const server = authority.sign('first');
const trusting = { ca: authority.cert };

afterEach(closeAll);
afterAll(() => {
  authority.remove();
  foreign.remove();
});

/** A door with TLS in front of an engine that answers at once, or streams on `x-stream`. */
async function openTlsDoor(more: Partial<ListenerTls> = {}) {
  const engine = await startEngine((stream, headers) => {
    if (!headers['x-stream']) return answer(stream, [Buffer.from([0, 0, 0, 0, 1, 120])]);
    begin(stream);
    flood(stream);
  });
  const to = new ToEngine(engine.port);
  return { to, door: await openDoor(to.router, 0, tlsOf(server, more)) };
}

/** What a socket gets until its end. */
function talk(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1', () => socket.write(bytes));
    let got = '';
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}

const shakeHands = (port: number, options: ConnectionOptions = {}) =>
  new Promise<TLSSocket>((resolve, reject) => {
    const given = { port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'], ...trusting };
    const socket = connectTls({ ...given, ...options }, () => resolve(socket));
    socket.on('error', reject);
  });

/** The common name of the certificate that the port shows to a new connection. */
async function shownName(port: number): Promise<unknown> {
  const socket = await shakeHands(port);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

describe('a port with TLS', () => {
  it('serves grpc-js, which verifies the certificate', async () => {
    const { door } = await openTlsDoor();
    const channel = credentials.createSsl(Buffer.from(authority.cert));
    const client = new Client(`localhost:${door.port}`, channel);
    const same = (bytes: Buffer) => bytes;
    const got = await new Promise((resolve, reject) => {
      const done = (error: unknown, value: unknown) => (error ? reject(error) : resolve(value));
      client.makeUnaryRequest('/test.Service/Call', same, same, Buffer.from('hi'), new Metadata(), done);
    });
    expect(String(got)).toBe('x');
    client.close();
  });

  it('ends HTTP/2 clients that speak in the clear, before they could send a token', async () => {
    const { door, to } = await openTlsDoor();
    expect(await talk(door.port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toBe('');
    expect((await call(dial(door.port))).status).toBe(-1);
    expect(to.calls).toEqual([]);
  });

  it('tells HTTP/1.1 clients where they are, and ends what makes no sense', async () => {
    const { door } = await openTlsDoor();
    expect(await talk(door.port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n')).toContain('This port speaks gRPC');
    await talk(door.port, '\x16\x03\x01\0\x05 no handshake, whatever it starts like');
    expect((await call(dial(door.port, trusting))).status).toBe(0);
    expect(door.errors).toEqual([]);
  });

  it('ends connections that do not ask for HTTP/2', async () => {
    const { door } = await openTlsDoor();
    await expect(shakeHands(door.port, { ALPNProtocols: ['http/1.1'] })).rejects.toThrow(
      /no application prot/,
    );
    const none = await shakeHands(door.port, { ALPNProtocols: [] });
    await new Promise((resolve) => none.resume().once('close', resolve));
  });

  it('closes at once, whoever is in the middle of a handshake', async () => {
    const { door } = await openTlsDoor();
    const half = connectSocket(door.port, '127.0.0.1', () => half.write('\x16\x03\x01'));
    const ended = new Promise((resolve) => half.on('error', () => {}).once('close', resolve));
    expect((await call(dial(door.port, trusting))).status).toBe(0);
    await door.listener.close(3_600_000);
    await ended;
  });
});

describe('clients that vanish as their streams begin', () => {
  it('are noticed, all of them', async () => {
    const { door, to } = await openTlsDoor();
    for (let n = 1; n <= 25; n++) {
      const client = dial(door.port, trusting);
      await call(client);
      for (let i = 0; i < 2; i++) open(client, { 'x-stream': '1' }).resume();
      await until(() => to.calls.length === 3 * n);
      client.destroy();
    }
    await until(() => door.closed.length === 25);
    expect(to.outcomes).toHaveLength(75);
  }, 30_000);
});

describe('a port that asks for certificates of clients', () => {
  const asking = { ca: authority.cert, requestCert: true };

  it('serves those who show a good one', async () => {
    const { door } = await openTlsDoor(asking);
    const shown = authority.sign('client', { names: [] });
    expect((await call(dial(door.port, { ...trusting, ...shown }))).status).toBe(0);
  });

  it.each([
    ['none', {}],
    ['one that another authority signed', foreign.sign('client')],
    ['one that has expired', authority.sign('client', { days: -1 })],
  ])('refuses those who show %s', async (_, shown) => {
    const { door, to } = await openTlsDoor(asking);
    const client = dial(door.port, { ...trusting, ...shown });
    expect((await call(client)).status).toBe(-1);
    await until(() => client.destroyed);
    expect(to.calls).toEqual([]);
  });
});

describe('another certificate', () => {
  it('is shown to new connections, while a stream over an old one goes on', async () => {
    const { door } = await openTlsDoor();
    const stream = open(dial(door.port, trusting), { 'x-stream': '1' });
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await until(() => bytes > 0);
    expect(await shownName(door.port)).toBe('first');
    door.listener.secure(tlsOf(authority.sign('second', { kind: 'rsa' }), { ciphers: 'DEFAULT' }));
    while ((await shownName(door.port)) === 'first') continue;
    expect(await shownName(door.port)).toBe('second');
    const before = bytes;
    await until(() => bytes > before + 50_000_000);
  });

  it('stays when the thread of the port is a new one', async () => {
    const { door } = await openTlsDoor();
    door.listener.secure(tlsOf(authority.sign('second')));
    await door.workers[0]!.terminate();
    await until(() => door.workers.length === 2);
    const name = () => shownName(door.port).catch(() => undefined);
    let shown = await name();
    while (shown === undefined) shown = await name();
    expect(shown).toBe('second');
  });

  it('that can not be used changes nothing, and is told', async () => {
    const { door } = await openTlsDoor();
    door.listener.secure({ ...tlsOf(server), key: authority.sign('other').key });
    await until(() => door.errors.length > 0);
    expect(door.errors[0]?.message).toContain("the new certificate can't be used");
    expect(await shownName(door.port)).toBe('first');
  });

  it('ends what clients got by their old certificates', async () => {
    const { door } = await openTlsDoor({ ca: authority.cert, requestCert: true });
    const shown = foreign.sign('client');
    const both = `${authority.cert}${foreign.cert}`;
    door.listener.secure(tlsOf(server, { ca: both, requestCert: true }));
    let session: Buffer | undefined;
    const known = await shakeHands(door.port, shown);
    known.on('session', (ticket) => (session = ticket));
    await until(() => session !== undefined);
    known.destroy();
    door.listener.secure(tlsOf(server, { ca: authority.cert, requestCert: true }));
    const again = dial(door.port, { ...trusting, ...shown, session: session! });
    expect((await call(again)).status).toBe(-1);
  });
});

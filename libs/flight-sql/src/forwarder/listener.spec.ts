import { afterEach, describe, expect, it } from '@jest/globals';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { DomainError } from '@pondpilot/kernel';
import { connect as connectSocket } from 'node:net';
import {
  answer,
  begin,
  call,
  closeAll,
  collect,
  dial,
  flood,
  open,
  openDoor,
  startEngine,
  through,
  ToEngine,
  until,
} from './forwarder.harness.js';

afterEach(closeAll);

const toAnswer = () => through((stream) => answer(stream, [Buffer.from([0, 0, 0, 0, 1, 120])]));
const nowhere = () => Promise.reject(new Error('never'));

function talk(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1', () => socket.write(bytes));
    let got = '';
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}

describe('the port', () => {
  it('says which setting to change when it is taken', async () => {
    const door = await openDoor(nowhere);
    const taken = openDoor(nowhere, door.port);
    await expect(taken).rejects.toThrow(`port ${door.port} is taken; set GRPC_PORT`);
    await expect(taken).rejects.toBeInstanceOf(DomainError);
  });

  it('tells HTTP/1.1 clients where they are', async () => {
    const door = await openDoor(nowhere);
    const got = await talk(door.port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(got).toMatch(/^HTTP\/1\.1 415 /);
    expect(got).toContain('This port speaks gRPC');
  });

  it('tells HTTP/2 clients without gRPC the same', async () => {
    const door = await openDoor(nowhere);
    const client = dial(door.port);
    for (const headers of [
      { ':method': 'GET' },
      { 'content-type': 'application/json' },
      { 'content-type': 'application/grpc-web' },
    ]) {
      const got = await call(client, headers);
      expect(got.headers[':status']).toBe(415);
      expect(got.body.toString()).toContain('This port speaks gRPC');
    }
  });

  it('outlives nonsense, TLS and connections that say nothing', async () => {
    const { door } = await toAnswer();
    expect(await talk(door.port, Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]))).toBe('');
    expect(await talk(door.port, 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\nnonsense nonsense nonsense')).toBeDefined();
    await talk(door.port, '\0\0\0\0');
    const silent = connectSocket(door.port, '127.0.0.1');
    expect((await call(dial(door.port))).status).toBe(0);
    silent.destroy();
    expect(door.errors).toEqual([]);
  });

  it('answers pings, and tells connections apart', async () => {
    const { client: a, door, to } = await toAnswer();
    const b = dial(door.port);
    await call(a);
    for (let i = 0; i < 50; i++)
      await new Promise((resolve, reject) => a.ping((error) => (error ? reject(error) : resolve(null))));
    for (const client of [a, b]) await call(client);
    const ids = to.calls.map((incoming) => incoming.connectionId);
    expect([ids[0] === ids[1], ids[1] === ids[2]]).toEqual([true, false]);
    expect(to.calls[0]).toMatchObject({ path: '/test.Service/Call', peer: '127.0.0.1' });
  });

  it('serves grpc-js', async () => {
    const { door } = await toAnswer();
    const client = new Client(`127.0.0.1:${door.port}`, credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const got = await new Promise((resolve, reject) => {
      const done = (error: unknown, value: unknown) => (error ? reject(error) : resolve(value));
      client.makeUnaryRequest('/test.Service/Call', same, same, Buffer.from('hi'), new Metadata(), done);
    });
    expect(String(got)).toBe('x');
    client.close();
  });
});

describe('a thread that dies', () => {
  it('ends every call for its router, and the port comes back', async () => {
    const engine = await startEngine((stream, headers) => {
      if (headers['x-small']) return answer(stream);
      begin(stream);
      flood(stream);
    });
    const to = new ToEngine(engine.port);
    let deciding: (() => void) | undefined;
    const door = await openDoor(async (incoming) => {
      if (incoming.headers['x-slow']) await new Promise<void>((resolve) => (deciding = resolve));
      return to.router(incoming);
    });
    const client = dial(door.port);
    const cut = [open(client), open(client), open(client, { 'x-slow': '1' })].map(collect);
    await until(() => to.calls.length === 2 && deciding !== undefined);
    await door.workers[0]!.terminate();
    expect((await to.ended(2)).map((outcome) => outcome.status)).toEqual([14, 14]);
    await Promise.all(cut);
    await until(() => door.workers.length === 2);
    let again = await call(dial(door.port), { 'x-small': '1' });
    while (again.status !== 0) again = await call(dial(door.port), { 'x-small': '1' });
    deciding!();
    const outcomes = await to.ended(4);
    expect(outcomes.map((outcome) => outcome.status).toSorted((a, b) => a - b)).toEqual([0, 14, 14, 14]);
    expect(new Set(to.calls.map((incoming) => incoming.connectionId)).size).toBe(2);
    expect(door.closed).toContain(to.calls[0]!.connectionId);
    expect(door.errors.length).toBeGreaterThan(0);
  });
});

describe('close', () => {
  it('lets calls in flight end and takes no new connection', async () => {
    let finish: (() => void) | undefined;
    const { client, door, to } = await through(
      (stream) => (finish = () => answer(stream, [Buffer.from('last')])),
    );
    const goaway = new Promise((resolve) => client.on('goaway', resolve));
    const inFlight = call(client);
    await until(() => finish !== undefined);
    const closed = door.listener.close(60_000);
    await goaway;
    expect((await call(dial(door.port))).status).toBe(-1);
    finish!();
    expect((await inFlight).body.toString()).toBe('last');
    await closed;
    expect(await to.ended(1)).toMatchObject([{ status: 0 }]);
  });

  it('cuts what has not ended after the grace, with UNAVAILABLE', async () => {
    const { client, door, engine, to } = await through((stream) => begin(stream));
    const cut = call(client);
    await until(() => engine.sessions.size === 1);
    const routing = to.calls.length;
    await door.listener.close(50);
    expect(routing).toBe(1);
    const got = await cut;
    expect(got.status).toBe(14);
    expect(got.message).toContain('The proxy is stopping');
    expect(await to.ended(1)).toMatchObject([{ status: 14 }]);
    await until(() => engine.sessions.size === 0);
  });
});

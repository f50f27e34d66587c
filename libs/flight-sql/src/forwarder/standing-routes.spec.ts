import { afterEach, describe, expect, it } from '@jest/globals';
import {
  answer,
  begin,
  call,
  closeAll,
  collect,
  dial,
  open,
  openDoor,
  startEngine,
  through,
  ToEngine,
  until,
  type Behaviour,
} from './forwarder.harness.js';
import type { CallRouter } from './types.js';

afterEach(closeAll);

const LONG_MS = 60_000;
const ALICE = { authorization: 'Bearer alice' };
const BOB = { authorization: 'Bearer bob' };

/** Answers each call but those that shall rest, with the headers that came in the message of its status. */
const showHeaders: Behaviour = (stream, headers) => {
  if (headers['x-rest'] !== undefined) return begin(stream);
  const shown = Object.keys(headers).filter((name) => name.startsWith('x-') || name === 'authorization');
  answer(stream, [], { 'grpc-status': '0', 'grpc-message': shown.toSorted().join(' ') });
};

const standing = (reuseForMs: number) =>
  through(showHeaders, {
    setHeaders: { 'X-Set': 'by the route' },
    dropHeaders: ['Authorization'],
    dropPrefix: 'x-own-',
    reuseForMs,
  });

describe('a route that stands', () => {
  it('is for the later calls of the same connection, path and user', async () => {
    const { client, to } = await standing(LONG_MS);
    for (let count = 0; count < 5; count++) expect(await call(client, ALICE)).toMatchObject({ status: 0 });
    expect(to.calls).toHaveLength(1);
    await call(client, BOB);
    expect(to.calls).toHaveLength(2);
    await call(client, {});
    expect(to.calls).toHaveLength(3);
    await call(client, { ...ALICE, ':path': '/test.Service/Other' });
    expect(to.calls).toHaveLength(4);
  });

  it('is not for a call that names two users', async () => {
    const both = { authorization: ['Bearer alice', 'Bearer bob'] as unknown as string };
    const { client, to } = await standing(LONG_MS);
    await call(client, both);
    await call(client, both);
    await call(client, ALICE);
    expect(to.calls).toHaveLength(3);
  });

  it('is not for another connection', async () => {
    const { client, door, to } = await standing(LONG_MS);
    await call(client, ALICE);
    await call(dial(door.port), ALICE);
    expect(to.calls).toHaveLength(2);
  });

  it('gives each call what it sets, and drops what it drops, whatever the call has besides', async () => {
    const { client, to } = await standing(LONG_MS);
    await call(client, ALICE);
    const got = await call(client, { ...ALICE, 'x-own-secret': 'forged', 'x-kept': '1' });
    expect(to.calls).toHaveLength(1);
    expect(got.message).toBe('x-kept x-set');
  });

  it('ends after its time, and its lease when the last of its calls has ended', async () => {
    const { client, to } = await standing(300);
    await call(client, ALICE);
    const resting = open(client, { ...ALICE, 'x-rest': '1' });
    const end = collect(resting);
    while (to.calls.length < 2) await call(client, ALICE);
    expect(to.outcomes).toEqual([]);
    resting.close();
    await end;
    await to.ended(1);
  });

  it('holds its lease for no longer than its connection', async () => {
    const { client, door, to } = await standing(LONG_MS);
    await call(client, ALICE);
    expect(to.outcomes).toEqual([]);
    client.destroy();
    await until(() => to.outcomes.length === 1 && door.closed.length === 1);
  });

  it('ends with the listener', async () => {
    const { client, door, to } = await standing(LONG_MS);
    await call(client, ALICE);
    await door.listener.close(1000);
    expect(to.outcomes).toHaveLength(1);
  });

  it('is not used without a time', async () => {
    const { client, to } = await standing(0);
    await call(client, ALICE);
    await call(client, ALICE);
    expect(to.calls).toHaveLength(2);
    await to.ended(2);
  });

  it('ends when a call of its connection is answered by the proxy itself', async () => {
    const engine = await startEngine(showHeaders);
    const to = new ToEngine(engine.port, { dropHeaders: ['authorization'], reuseForMs: LONG_MS });
    const router: CallRouter = async (incoming) =>
      incoming.path.endsWith('/Handshake') ? { kind: 'reply', messages: [] } : to.router(incoming);
    const client = dial((await openDoor(router)).port);
    await call(client, ALICE);
    await call(client, { ...ALICE, ':path': '/test.Service/Handshake' });
    await call(client, ALICE);
    expect(to.calls).toHaveLength(2);
    await to.ended(1);
  });

  it('ends with its engine: the next call is asked about', async () => {
    const { client, engine, to } = await standing(LONG_MS);
    await call(client, ALICE);
    engine.kill();
    await until(() => engine.sessions.size === 0);
    while ((await call(client, ALICE)).status !== 0);
    expect(to.calls.length).toBeGreaterThan(1);
    await to.ended(1);
  });

  it('tells of no call that goes it, whatever becomes of that', async () => {
    const { client, to, door } = await standing(LONG_MS);
    await call(client, ALICE);
    const resting = open(client, { ...ALICE, 'x-rest': '1' });
    const end = collect(resting);
    resting.close();
    await end;
    const late = await call(client, { ...ALICE, 'x-rest': '1', 'grpc-timeout': '50m' });
    expect(late.status).toBe(4);
    expect(await call(client, ALICE)).toMatchObject({ status: 0 });
    expect(to.calls).toHaveLength(1);
    expect([to.outcomes, door.errors]).toEqual([[], []]);
  });
});

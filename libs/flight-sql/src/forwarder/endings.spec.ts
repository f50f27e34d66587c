import { afterEach, describe, expect, it } from '@jest/globals';
import { constants, type ServerHttp2Stream } from 'node:http2';
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
import { DomainError } from '@pondpilot/kernel';
import type { CallRoute } from './types.js';

afterEach(closeAll);

/** An engine that answers without end and keeps its streams. */
async function endless() {
  const streams: ServerHttp2Stream[] = [];
  const timeouts: (string | undefined)[] = [];
  const parts = await through((stream, headers) => {
    streams.push(stream);
    timeouts.push(headers['grpc-timeout'] as string | undefined);
    begin(stream);
    flood(stream);
  });
  return { ...parts, streams, timeouts };
}

describe('the end of a call by its client', () => {
  it('cancels the engine when the client cancels', async () => {
    const { client, streams, to } = await endless();
    const stream = open(client);
    stream.end();
    stream.once('data', () => stream.close(constants.NGHTTP2_CANCEL));
    expect((await to.ended(1))[0]?.status).toBe(1);
    await until(() => streams[0]!.closed);
    expect(streams[0]!.rstCode).toBe(constants.NGHTTP2_CANCEL);
    expect(to.calls[0]!.signal.aborted).toBe(true);
  });

  it('cancels the engine when the client dies, also one that never read', async () => {
    const { client, streams, to } = await endless();
    for (let i = 0; i < 3; i++) open(client).end();
    await until(() => streams.length === 3);
    client.socket.destroy();
    expect((await to.ended(3)).map((outcome) => outcome.status)).toEqual([1, 1, 1]);
    await until(() => streams.every((stream) => stream.closed));
  });

  it('leaves the other calls of the connection alone', async () => {
    const { client, streams } = await endless();
    const [first, second] = [open(client), open(client)];
    await until(() => streams.length === 2);
    first.close(constants.NGHTTP2_CANCEL);
    await until(() => streams.some((stream) => stream.closed));
    let bytes = 0;
    second.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await until(() => bytes > 10_000_000);
    expect(streams.filter((stream) => stream.closed)).toHaveLength(1);
  });
});

describe('a deadline', () => {
  it('travels to the engine, and passes here: DEADLINE_EXCEEDED and a cancelled engine', async () => {
    const { client, streams, timeouts, to } = await endless();
    const got = await call(client, { 'grpc-timeout': '300m' });
    expect(got.status).toBe(4);
    expect(got.body.length).toBeGreaterThan(0);
    expect(Number(/^(\d+)m$/.exec(timeouts[0]!)![1])).toBeLessThanOrEqual(300);
    await until(() => streams[0]!.closed);
    expect(streams[0]!.rstCode).toBe(constants.NGHTTP2_CANCEL);
    expect((await to.ended(1))[0]?.status).toBe(4);
  });

  it('passes while the router still decides, and the late route is given back', async () => {
    const engine = await startEngine((stream) => answer(stream));
    const to = new ToEngine(engine.port);
    let decide: (route: CallRoute) => void = () => {};
    let signal: AbortSignal | undefined;
    const door = await openDoor((incoming) => {
      signal = incoming.signal;
      return new Promise((resolve) => (decide = resolve));
    });
    const got = await call(dial(door.port), { 'grpc-timeout': '50m' });
    expect(got.status).toBe(4);
    expect(signal?.aborted).toBe(true);
    decide(to.route());
    expect(await to.ended(1)).toEqual([{ status: 4, requestBytes: 0, responseBytes: 0 }]);
    expect(engine.sessions.size).toBe(0);
  });

  it.each([
    ['deadline_exceeded', 'It waited for an engine.'],
    ['cancelled', 'The deadline that the client set for this call has passed.'],
  ] as const)(
    'passes while the router waits, whose word of it is sent where it is %s',
    async (kind, sent) => {
      const door = await openDoor(
        ({ signal }) =>
          new Promise((_, reject) => {
            const leave = () => reject(new DomainError(kind, 'It waited for an engine.'));
            signal.addEventListener('abort', leave);
          }),
      );
      const got = await call(dial(door.port), { 'grpc-timeout': '50m' });
      expect([got.status, got.message]).toEqual([4, sent]);
      expect(door.errors).toEqual([]);
    },
  );

  it('passes while the router makes an answer, which then is none', async () => {
    const door = await openDoor(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { kind: 'reply', messages: [] };
    });
    expect((await call(dial(door.port), { 'grpc-timeout': '50m' })).status).toBe(4);
  });

  it('tells the router at once of a client that left', async () => {
    let signal: AbortSignal | undefined;
    const door = await openDoor((incoming) => {
      signal = incoming.signal;
      return new Promise(() => {});
    });
    const client = dial(door.port);
    const stream = open(client);
    await until(() => signal !== undefined);
    expect(signal!.aborted).toBe(false);
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => signal!.aborted);
  });
});

describe('the outcome of a call', () => {
  it('comes exactly once for each of many calls that end in different ways', async () => {
    const { client, door, to } = await through((stream, headers) => {
      if (headers['x-end'] === 'answer') return answer(stream, [Buffer.alloc(1000)]);
      if (headers['x-end'] === 'reset') return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      begin(stream);
      flood(stream);
    });
    for (let i = 0; i < 60; i++) {
      const stream = open(client, { 'x-end': ['answer', 'reset', 'endless'][i % 3]! });
      void collect(stream);
      stream.end();
      if (i % 3 === 2) stream.once('data', () => stream.close(constants.NGHTTP2_CANCEL));
    }
    await to.ended(60);
    await call(client, { 'x-end': 'answer' });
    const statuses = (await to.ended(61)).map((outcome) => outcome.status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([...Array(21).fill(0), ...Array(20).fill(1), ...Array(20).fill(13)]);
    expect(door.errors).toEqual([]);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@pondpilot/kernel';
import { constants } from 'node:http2';
import { frame } from './first-message.js';
import {
  answer,
  call,
  closeAll,
  collect,
  dial,
  open,
  openDoor,
  settled,
  startEngine,
  through,
  ToEngine,
  until,
} from './forwarder.harness.js';
import type { CallRoute, IncomingCall } from './types.js';

afterEach(closeAll);

const reply = (
  messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  responseHeaders = {},
): CallRoute => ({
  kind: 'reply',
  messages,
  responseHeaders,
});

describe('a call that is answered here', () => {
  it('sends its messages framed, then status 0', async () => {
    const door = await openDoor(async () =>
      reply([Buffer.from('one'), new Uint8Array(0)], { authorization: 'Bearer t' }),
    );
    const got = await call(dial(door.port));
    expect(got.body).toEqual(Buffer.from([0, 0, 0, 0, 3, 111, 110, 101, 0, 0, 0, 0, 0]));
    expect(got.status).toBe(0);
    expect(got.headers).toMatchObject({ 'content-type': 'application/grpc', authorization: 'Bearer t' });
  });

  it('sends an error after the messages before it, or alone', async () => {
    const door = await openDoor(async (incoming) =>
      reply(
        (async function* () {
          if (incoming.path.endsWith('Late')) yield Buffer.from('first');
          throw new DomainError('resource_exhausted', '100 % of the café is full\n', { retryAfterMs: 1500 });
        })(),
      ),
    );
    const client = dial(door.port);
    const late = await call(client, { ':path': '/test.Service/Late' });
    expect(late.body).toHaveLength(10);
    expect(late).toMatchObject({ status: 8, message: '100 % of the café is full\n' });
    const alone = await call(client);
    expect(alone).toMatchObject({ status: 8, trailers: {} });
    expect(alone.headers).toMatchObject({
      'grpc-message': '100 %25 of the caf%C3%A9 is full%0A',
      'grpc-retry-pushback-ms': '1500',
      'retry-after': '2',
    });
  });

  it('takes messages from the source only as fast as the client reads', async () => {
    let made = 0;
    let returned = false;
    const door = await openDoor(async () =>
      reply(
        (async function* () {
          try {
            for (; ; made++) yield Buffer.alloc(100_000);
          } finally {
            returned = true;
          }
        })(),
      ),
    );
    const stream = open(dial(door.port));
    stream.pause();
    stream.end();
    await until(() => made > 10);
    expect(await settled(() => made)).toBeLessThan(60);
    stream.resume();
    await until(() => made > 200);
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => returned);
  });
});

describe('a router that throws', () => {
  it('gives the status of a DomainError, in the headers alone', async () => {
    const door = await openDoor(() => Promise.reject(new DomainError('unauthenticated', 'No token.')));
    expect(await call(dial(door.port))).toMatchObject({ status: 16, message: 'No token.', trailers: {} });
    expect(door.errors).toEqual([]);
  });

  it('gives INTERNAL without its text for anything else, reports it, and goes on', async () => {
    const door = await openDoor(() => {
      throw new Error('password=hunter2');
    });
    const client = dial(door.port);
    const got = await call(client);
    expect(got.status).toBe(13);
    expect(got.message).not.toContain('hunter2');
    expect(door.errors.map((error) => error.message)).toEqual(['password=hunter2']);
    expect((await call(client)).status).toBe(13);
  });

  it('reports a `done` that throws', async () => {
    const done = () => {
      throw new Error('done failed');
    };
    const { client, door } = await through((stream) => answer(stream), { done });
    expect((await call(client)).status).toBe(0);
    await until(() => door.errors.length === 1);
  });
});

describe('the first message', () => {
  const echo = async (incoming: IncomingCall) => reply([await incoming.firstMessage()]);

  it('comes without its frame, from however many pieces', async () => {
    const door = await openDoor(echo);
    const stream = open(dial(door.port));
    const got = collect(stream);
    stream.on('trailers', () => stream.end());
    const framed = frame(Buffer.alloc(64 * 1024, 'ab'));
    for (const piece of [framed.subarray(0, 3), framed.subarray(3, 9), framed.subarray(9)]) {
      stream.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await got).body.equals(framed)).toBe(true);
  });

  it.each([
    ['none', Buffer.alloc(0), 'before its first message'],
    ['half of one', frame(Buffer.alloc(10)).subarray(0, 9), 'before its first message'],
    ['one too large', frame(Buffer.alloc(64 * 1024 + 1)), 'at most 65536'],
    ['a compressed one', Buffer.from([1, 0, 0, 0, 1, 7]), 'uncompressed'],
  ])('refuses %s as INVALID_ARGUMENT', async (_, body, text) => {
    const door = await openDoor(echo);
    const got = await call(dial(door.port), {}, body);
    expect(got.status).toBe(3);
    expect(got.message).toContain(text);
  });

  it('ends for the router when the client leaves', async () => {
    let waiting = false;
    let failed: unknown;
    const door = await openDoor(async (incoming) => {
      waiting = true;
      failed = await incoming.firstMessage().catch((error: unknown) => error);
      throw failed;
    });
    const stream = open(dial(door.port));
    await until(() => waiting);
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => failed !== undefined);
    expect(failed).toBeInstanceOf(DomainError);
  });

  it('still reaches the engine when the call is forwarded after all', async () => {
    const engine = await startEngine((stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => answer(stream, chunks));
    });
    const to = new ToEngine(engine.port);
    const door = await openDoor(async (incoming) => {
      await incoming.firstMessage();
      return to.route();
    });
    const body = Buffer.concat([frame(Buffer.from('command')), frame(Buffer.alloc(3_000_000, 'x'))]);
    const client = dial(door.port);
    expect((await call(client, {}, body)).body.equals(body)).toBe(true);
    const short = frame(Buffer.from('one'));
    expect((await call(client, {}, short)).body.equals(short)).toBe(true);
  });
});

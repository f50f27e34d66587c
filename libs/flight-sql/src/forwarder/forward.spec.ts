import { afterEach, describe, expect, it } from '@jest/globals';
import { constants } from 'node:http2';
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
  reasons,
  settled,
  startEngine,
  through,
  ToEngine,
  until,
} from './forwarder.harness.js';
import type { Behaviour } from './forwarder.harness.js';
import type { IncomingHttpHeaders } from 'node:http2';

afterEach(closeAll);

const batches = Array.from({ length: 20 }, (_, i) => Buffer.alloc(100_000, i));

describe('a forwarded call', () => {
  it('passes both bodies, headers and trailers as they are', async () => {
    const echo: Behaviour = (stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const trailers = { 'grpc-status': '0', 'x-rows': '7' };
        answer(stream, chunks, trailers, { 'x-engine': 'e1', 'set-cookie': ['a=1', 'b=2'] });
      });
    };
    const { client, to } = await through(echo);
    const body = Buffer.alloc(40 * 1024 * 1024, 'forty');
    const got = await call(client, {}, body);
    expect(got.body.equals(body)).toBe(true);
    expect(got.headers).toMatchObject({
      ':status': 200,
      'content-type': 'application/grpc',
      'x-engine': 'e1',
    });
    expect(got.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(got.trailers).toMatchObject({ 'grpc-status': '0', 'x-rows': '7' });
    expect(await to.ended(1)).toEqual([{ status: 0, requestBytes: body.length, responseBytes: body.length }]);
  });

  it('changes headers as the route says, in both directions', async () => {
    let seen: IncomingHttpHeaders = {};
    const more = {
      setHeaders: { 'x-user': 'ann' },
      dropHeaders: ['Authorization'],
      responseHeaders: { 'x-door': 'd' },
    };
    const { client } = await through((stream, headers) => {
      seen = headers;
      answer(stream);
    }, more);
    const got = await call(client, {
      'x-user': 'eve',
      authorization: 'Bearer secret',
      'x-twice': ['1', '2'],
    });
    expect(seen).toMatchObject({
      'x-user': 'ann',
      te: 'trailers',
      'x-twice': '1, 2',
      ':path': '/test.Service/Call',
    });
    expect(seen).not.toHaveProperty('authorization');
    expect(got.headers['x-door']).toBe('d');
  });

  it('takes large headers, many headers, and names that come twice where HTTP knows one', async () => {
    let seen: IncomingHttpHeaders = {};
    const { client } = await through((stream, headers) => {
      seen = headers;
      answer(stream);
    });
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x-param-${i}`, 'v'.repeat(20)]));
    const got = await call(client, {
      'x-large': 'h'.repeat(20_000),
      'user-agent': ['a', 'b'] as never,
      ...many,
    });
    expect(got.status).toBe(0);
    expect(seen['x-large']).toHaveLength(20_000);
    expect(seen['x-param-499']).toHaveLength(20);
    expect((await call(client)).status).toBe(0);
  });

  it('passes a status without an answer, its details and its cookies', async () => {
    const details = Buffer.from([8, 3, 18, 1, 97]).toString('base64');
    const { client, to } = await through(
      (stream) => {
        const headers = {
          'content-type': 'application/grpc',
          'grpc-status': '3',
          'grpc-message': 'no%20such',
        };
        stream.respond(
          { ...headers, 'grpc-status-details-bin': details, 'set-cookie': ['a', 'b'] },
          { endStream: true },
        );
      },
      { responseHeaders: { 'x-door': 'd' } },
    );
    const got = await call(client);
    expect(got).toMatchObject({ status: 3, message: 'no such' });
    expect(got.headers).toMatchObject({
      'grpc-status-details-bin': details,
      'set-cookie': ['a', 'b'],
      'x-door': 'd',
    });
    expect((await to.ended(1))[0]?.status).toBe(3);
  });

  it('delivers the batches before the error that follows them', async () => {
    const trailers = { 'grpc-status': '13', 'grpc-message': 'broken', 'grpc-status-details-bin': 'AAAA' };
    const { client } = await through((stream) => answer(stream, batches, trailers));
    const got = await call(client);
    expect(got.body).toHaveLength(20 * 100_000);
    expect(got.trailers).toMatchObject(trailers);
  });

  it('runs 100 calls at once on one connection', async () => {
    const waiting: Parameters<Behaviour>[0][] = [];
    const { client } = await through((stream) => {
      waiting.push(stream);
      if (waiting.length === 100) for (const one of waiting) answer(one, [Buffer.from('x')]);
    });
    const all = await Promise.all(Array.from({ length: 100 }, () => call(client)));
    expect(all.map((got) => `${got.status}${got.body}`)).toEqual(Array(100).fill('0x'));
  });

  it('ends when the engine answers before it has read everything', async () => {
    const { client, to } = await through((stream) => {
      const headers = { 'content-type': 'application/grpc', 'grpc-status': '5' };
      stream.once('data', () => stream.respond(headers, { endStream: true }));
    });
    const stream = open(client);
    const got = collect(stream);
    stream.write(Buffer.alloc(8 * 1024 * 1024));
    stream.on('response', () => stream.end());
    expect((await got).status).toBe(5);
    expect((await to.ended(1))[0]?.status).toBe(5);
  });
});

describe('an engine that fails', () => {
  it('gives the bytes so far, then UNAVAILABLE, when its connection drops', async () => {
    const { client, engine, to } = await through((stream) => {
      begin(stream);
      for (const batch of batches.slice(0, -1)) stream.write(batch);
      stream.write(batches.at(-1)!, () => setTimeout(() => engine.kill(), 50));
    });
    const got = await call(client);
    expect(got.body).toHaveLength(20 * 100_000);
    expect(got).toMatchObject({ status: 14, reset: 0 });
    expect(got.message).toMatch(/^Your engine stopped while it was answering\. Run the statement again/);
    expect((await to.ended(1))[0]).toEqual({ status: 14, requestBytes: 0, responseBytes: 2_000_000 });
  });

  it('says why it stopped, where that is known, on each call that it was answering', async () => {
    reasons.set('the engine', 'It ran out of its memory.');
    let begun = 0;
    const { client, engine, to } = await through(
      (stream) => {
        begin(stream);
        stream.write('bytes', () => (begun += 1));
      },
      { target: 'the engine' },
    );
    const calls = [call(client), call(client)];
    await until(() => begun === 2);
    engine.kill();
    for (const got of await Promise.all(calls)) {
      expect(got).toMatchObject({ status: 14, body: Buffer.from('bytes') });
      expect(got.message).toMatch(
        /^Your engine stopped while it was answering: It ran out of its memory\. Run/,
      );
    }
    expect(await to.ended(2)).toMatchObject([{ status: 14 }, { status: 14 }]);
  });

  it('gives a reader that had paused what came before the drop', async () => {
    let count = { pushed: 0 };
    const { client, engine } = await through((stream) => {
      begin(stream);
      count = flood(stream);
    });
    const stream = open(client);
    stream.end();
    stream.pause();
    await until(() => count.pushed > 0);
    const pushed = await settled(() => count.pushed);
    expect(pushed).toBeGreaterThanOrEqual(2 * 1024 * 1024);
    engine.kill();
    await until(() => engine.sessions.size === 0);
    stream.resume();
    const got = await collect(stream);
    expect(got.status).toBe(14);
    expect(got.body.length).toBeGreaterThanOrEqual(pushed);
  });

  it('is UNAVAILABLE where nothing listens', async () => {
    const engine = await startEngine((stream) => answer(stream));
    await closeAll();
    const gone = new ToEngine(engine.port);
    const door = await openDoor(gone.router);
    const got = await call(dial(door.port));
    expect(got).toMatchObject({ status: 14, reset: 0 });
    expect(got.message).toContain('could not be reached');
    expect((await gone.ended(1))[0]?.status).toBe(14);
  });

  it.each([
    ['REFUSED_STREAM', constants.NGHTTP2_REFUSED_STREAM, 14],
    ['CANCEL', constants.NGHTTP2_CANCEL, 1],
    ['ENHANCE_YOUR_CALM', constants.NGHTTP2_ENHANCE_YOUR_CALM, 8],
    ['INTERNAL_ERROR', constants.NGHTTP2_INTERNAL_ERROR, 13],
  ])('maps a reset with %s', async (_, code, status) => {
    const { client } = await through((stream) => stream.close(code));
    expect(await call(client)).toMatchObject({ status, reset: 0 });
  });

  it('is UNAVAILABLE or INTERNAL where HTTP answers that is not gRPC', async () => {
    const { client } = await through((stream, headers) => {
      stream.respond({ ':status': Number(headers['x-status']), 'content-type': 'text/html' });
      stream.end('<p>');
    });
    expect(await call(client, { 'x-status': '503' })).toMatchObject({ status: 14 });
    const got = await call(client, { 'x-status': '404' });
    expect(got.status).toBe(13);
    expect(got.message).toContain('HTTP 404 and text/html');
  });

  it('is INTERNAL where it ends without a status', async () => {
    const { client, to } = await through((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end('abc');
    });
    const stream = open(client);
    stream.on('trailers', () => stream.end());
    const got = await collect(stream);
    expect(got).toMatchObject({ status: 13, message: 'Your engine ended its answer without a status.' });
    expect((await to.ended(1))[0]?.status).toBe(13);
  });

  it('serves the next call after a drop, on a new connection', async () => {
    let count = 0;
    const { client, engine } = await through((stream) => (count++ === 1 ? engine.kill() : answer(stream)));
    expect((await call(client)).status).toBe(0);
    const dropped = await call(client);
    expect(dropped.status).toBe(14);
    expect(dropped.message).toContain('stopped while it was answering');
    expect((await call(client)).status).toBe(0);
  });

  it('says goodbye in mid-stream, with an error: UNAVAILABLE after the bytes so far', async () => {
    const { client } = await through((stream) => {
      begin(stream);
      stream.write(batches[0]!, () =>
        setTimeout(() => stream.session!.goaway(constants.NGHTTP2_INTERNAL_ERROR), 50),
      );
    });
    const got = await call(client);
    expect(got.body).toHaveLength(100_000);
    expect(got.status).toBe(14);
  });
});

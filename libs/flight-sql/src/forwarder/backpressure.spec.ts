import { afterEach, describe, expect, it } from '@jest/globals';
import {
  answer,
  begin,
  call,
  closeAll,
  collect,
  dialSmall,
  flood,
  open,
  settled,
  through,
  until,
} from './forwarder.harness.js';

afterEach(closeAll);

const MIB = 1024 * 1024;
const READ = '/arrow.flight.protocol.FlightService/DoGet';
const WRITE = '/arrow.flight.protocol.FlightService/DoPut';

describe('backpressure', () => {
  it('lets an engine send a few megabytes to a client that does not read, and no more', async () => {
    let count = { pushed: 0 };
    const { client } = await through((stream) => {
      begin(stream);
      count = flood(stream);
    });
    const stream = open(client);
    stream.end();
    stream.pause();
    await until(() => count.pushed > MIB);
    expect(await settled(() => count.pushed)).toBeLessThanOrEqual(4 * MIB);
    stream.resume();
    await until(() => count.pushed > 50 * MIB);
  });

  it('lets a client send a few megabytes to an engine that does not read, and no more', async () => {
    let read = () => {};
    const { client } = await through((stream) => {
      stream.pause();
      read = () => answer(stream);
    });
    const stream = open(client);
    const chunk = Buffer.alloc(256 * 1024);
    let pushed = 0;
    const more = () =>
      stream.write(chunk, () => ((pushed += chunk.length) < 50 * MIB ? more() : stream.end()));
    more();
    await until(() => pushed > MIB);
    expect(await settled(() => pushed)).toBeLessThanOrEqual(4 * MIB);
    read();
    expect((await collect(stream)).status).toBe(0);
    expect(pushed).toBe(50 * MIB);
  });

  it.each([8, 40])('serves a small call beside %d that nobody reads, on one connection', async (stalled) => {
    let begun = 0;
    const { client } = await through((stream, headers) => {
      if (headers['x-small']) return answer(stream, [Buffer.from('small')]);
      begun++;
      begin(stream);
      flood(stream);
    });
    for (let i = 0; i < stalled; i++) {
      const stream = open(client);
      stream.end();
      stream.pause();
    }
    await until(() => begun === stalled);
    for (let i = 0; i < 5; i++)
      expect((await call(client, { 'x-small': '1' })).body.toString()).toBe('small');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await call(client, { 'x-small': '1' })).status).toBe(0);
  });

  it('carries many large uploads and downloads at once on one connection', async () => {
    const size = 12 * MIB;
    const { door } = await through((stream, headers) => {
      stream.resume();
      if (headers[':path'] !== READ) return void stream.on('end', () => answer(stream));
      begin(stream);
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      flood(stream, size);
    });
    // Two Node peers with large windows would block each other here, so the client has small ones, as grpc-js.
    const client = dialSmall(door.port, { maxSessionMemory: 1000 });
    const up = Buffer.alloc(size);
    const calls = Array.from({ length: 8 }, () => [
      call(client, { ':path': WRITE }, up),
      call(client, { ':path': READ }),
    ]);
    const all = await Promise.all(calls.flat());
    expect(all.map((got) => got.status)).toEqual(Array(16).fill(0));
    expect(all.map((got) => got.body.length).toSorted((a, b) => a - b)).toEqual([
      ...Array(8).fill(0),
      ...Array(8).fill(size),
    ]);
  }, 30_000);

  it('keeps memory flat while much passes at a reader’s pace', async () => {
    const { client } = await through((stream) => {
      begin(stream);
      flood(stream);
    });
    const stream = open(client);
    stream.end();
    let read = 0;
    const samples: number[] = [];
    await new Promise<void>((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        const before = Math.floor(read / (16 * MIB));
        read += chunk.length;
        if (Math.floor(read / (16 * MIB)) === before) return;
        samples.push(process.memoryUsage().rss);
        stream.pause();
        setTimeout(() => stream.resume(), 20);
        if (read > 1000 * MIB) resolve();
      });
    });
    const settledIn = Math.max(...samples.slice(0, 12));
    expect(Math.max(...samples.slice(12))).toBeLessThan(settledIn + 64 * MIB);
  }, 30_000);
});

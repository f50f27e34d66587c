import { afterEach, describe, expect, it } from '@jest/globals';
import type { ClientHttp2Session } from 'node:http2';
import {
  answer,
  begin,
  call,
  closeAll,
  collect,
  dial,
  flood,
  open,
  through,
  until,
} from './forwarder.harness.js';

afterEach(closeAll);

const KB = 1000;
const one = (bytes: number) => ({ 'x-large': 'h'.repeat(bytes) });
const several = (bytes: number) =>
  Object.fromEntries([0, 1, 2, 3].map((i) => [`x-large-${i}`, 'h'.repeat(bytes / 4)]));

/** A client, an engine that tells the length of a header, and a call on a connection of its own that streams. */
async function besideStream() {
  const parts = await through((stream, headers) => {
    if (!headers['x-stream']) return answer(stream, [Buffer.from(String(headers['x-large']?.length))]);
    begin(stream);
    flood(stream);
  });
  const streams = () => streaming(dial(parts.door.port));
  return { ...parts, beside: await streams(), streams };
}

async function streaming(client: ClientHttp2Session) {
  const stream = open(client, { 'x-stream': '1' });
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await until(() => bytes > 0);
  return {
    stream,
    goesOn: async () => {
      const before = bytes;
      await until(() => bytes > before + 10_000_000);
    },
  };
}

describe('large headers', () => {
  it('reach the engine with 60 KB', async () => {
    const { client, beside } = await besideStream();
    for (let i = 0; i < 3; i++) expect((await call(client, one(60 * KB))).body.toString()).toBe('60000');
    await beside.goesOn();
  });

  it('are refused with a clear text above 64 KiB, where they come before the announced limit is known', async () => {
    const { beside, door, to } = await besideStream();
    const client = dial(door.port);
    const got = await call(client, several(120 * KB));
    expect(got).toMatchObject({ status: 8, reset: 0 });
    expect(got.message).toMatch(
      /^The headers of this call have 120\d{3} bytes.*at most 65536.*connection URL/,
    );
    expect(to.calls).toHaveLength(1);
    expect((await call(client, one(10))).status).toBe(0);
    await beside.goesOn();
  });

  it('end their call alone afterwards, which gRPC has as RESOURCE_EXHAUSTED too', async () => {
    const { client, beside } = await besideStream();
    await call(client);
    const neighbour = await streaming(client);
    // 11: ENHANCE_YOUR_CALM
    expect(await call(client, several(120 * KB))).toMatchObject({ status: -1, reset: 11 });
    expect((await call(client, one(10))).status).toBe(0);
    await Promise.all([neighbour.goesOn(), beside.goesOn()]);
  });

  it('have a limit that is announced, for gRPC in Java and Go keeps to it', async () => {
    const { client } = await besideStream();
    await call(client);
    expect(client.remoteSettings.maxHeaderListSize).toBe(65_536);
  });

  // Node's HTTP/2 has no option for what it takes as an attack here.
  it.each([
    ['120 KB in one', one(120 * KB)],
    ['1 MB in one', one(1000 * KB)],
    ['1 MB in several', several(1000 * KB)],
  ])('of %s from a client that does not keep to it end its connection, and no other', async (_, headers) => {
    const { client, beside, door, to, streams } = await besideStream();
    await call(client);
    const cut = open(client, { 'x-stream': '1' });
    const end = collect(cut);
    await until(() => to.calls.length === 3);
    expect((await call(client, headers)).status).toBe(-1);
    await end;
    await until(() => door.closed.length === 1);
    await beside.goesOn();
    await (await streams()).goesOn();
    expect(door.errors).toEqual([]);
  });
});

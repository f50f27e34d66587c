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
  settled,
  tcpReset,
  through,
  until,
  type Behaviour,
} from './forwarder.harness.js';

afterEach(closeAll);

const behave: Behaviour = (stream, headers) => {
  if (headers['x-small']) return answer(stream);
  begin(stream);
  flood(stream);
};

/** A client with a call that has ended and two that have not. */
async function busy() {
  const parts = await through(behave);
  const { client, to } = parts;
  await call(client, { 'x-small': '1' });
  const running = [open(client), open(client)];
  const ends = running.map(collect);
  await until(() => to.calls.length === 3);
  return { ...parts, running, ends };
}

describe('the end of a client connection', () => {
  it.each<[string, (client: ClientHttp2Session) => void]>([
    ['ends it', (client) => client.destroy()],
    ['resets it', (client) => void client.socket.destroy()],
    ['says goodbye with an error', (client) => client.goaway(2)],
    ['vanishes with a reset of TCP', (client) => tcpReset(client)],
  ])('is told once, after its calls, when the client %s', async (_, leave) => {
    const { client, door, to } = await busy();
    expect(door.closed).toEqual([]);
    leave(client);
    await until(() => door.closed.length > 0);
    expect(to.outcomes).toHaveLength(3);
    await settled(() => door.closed.length);
    expect(door.closed).toEqual(to.connections);
  });

  it('is told when the last call has ended after a GOAWAY', async () => {
    const { client, door, running, to } = await busy();
    client.close();
    await settled(() => door.closed.length);
    expect(door.closed).toEqual([]);
    for (const stream of running) stream.close();
    await until(() => door.closed.length > 0);
    expect(door.closed).toEqual(to.connections);
  });

  it('is told of each connection for itself, and of none that no call came over', async () => {
    const { client, door, to } = await busy();
    const other = dial(door.port);
    const idle = dial(door.port);
    await call(other, { 'x-small': '1' });
    await new Promise((resolve) => idle.ping(resolve));
    idle.destroy();
    other.destroy();
    await until(() => door.closed.length > 0);
    await settled(() => door.closed.length);
    expect(door.closed).toEqual([to.calls[3]!.connectionId]);
    client.destroy();
    await until(() => door.closed.length === 2);
    expect(door.closed).toEqual(to.connections.toReversed());
  });

  it('is told of all when the listener closes', async () => {
    const { door, ends, to } = await busy();
    await door.listener.close(0);
    await Promise.all(ends);
    expect(door.closed).toEqual(to.connections);
  });
});

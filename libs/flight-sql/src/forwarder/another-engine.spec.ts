import { afterEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@pondpilot/kernel';
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
  ToEngine,
  until,
  type Behaviour,
} from './forwarder.harness.js';
import type { CallRoute } from './types.js';

afterEach(closeAll);

const echo: Behaviour = (stream) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => answer(stream, chunks));
};

/** A port on which nothing listens any more. */
async function deadPort(): Promise<number> {
  const engine = await startEngine(echo);
  await closeAll();
  return engine.port;
}

/** A door whose calls go to an engine that is dead, and then to what `again` says. */
async function doorToDead(again: (dead: ToEngine) => Promise<CallRoute>) {
  let asked = 0;
  const ask = () => {
    asked++;
    return again(dead);
  };
  const dead: ToEngine = new ToEngine(await deadPort(), { again: ask });
  const door = await openDoor(dead.router);
  return { dead, door, client: dial(door.port), asked: () => asked };
}

describe('a call whose engine could not be reached', () => {
  it('goes to the next one with all of its bytes, when the first lease has ended', async () => {
    let releasedBefore = -1;
    let next: ToEngine | undefined;
    const { client, dead, asked } = await doorToDead(async () => {
      releasedBefore = dead.outcomes.length;
      next = new ToEngine((await startEngine(echo)).port);
      return next.route();
    });
    const body = Buffer.alloc(5_000_000, 'five');
    const got = await call(client, {}, body);
    expect(got.status).toBe(0);
    expect(got.body.equals(body)).toBe(true);
    expect([releasedBefore, asked()]).toEqual([1, 1]);
    expect(dead.outcomes).toEqual([{ status: 14, requestBytes: 0, responseBytes: 0 }]);
    const outcomes = await next!.ended(1);
    expect(outcomes).toEqual([{ status: 0, requestBytes: body.length, responseBytes: body.length }]);
  });

  it('is UNAVAILABLE where the next one can not be reached either', async () => {
    const { client, dead, asked } = await doorToDead(async () => dead.route());
    const got = await call(client);
    expect(got).toMatchObject({ status: 14, reset: 0 });
    expect(got.message).toContain('could not be reached');
    expect((await dead.ended(2)).map(({ status }) => status)).toEqual([14, 14]);
    expect(asked()).toBe(1);
  });

  it('has the status of what keeps the next one from being had', async () => {
    const full = new DomainError('resource_exhausted', 'No room.');
    const { client, door } = await doorToDead(() => Promise.reject(full));
    expect(await call(client)).toMatchObject({ status: 8, message: 'No room.' });
    expect(door.errors).toEqual([]);
  });

  it('gives a next one back that comes when the client has gone', async () => {
    let decide: (route: CallRoute) => void = () => {};
    const { client, dead, asked } = await doorToDead(() => new Promise((resolve) => (decide = resolve)));
    const stream = open(client);
    await until(() => asked() === 1);
    stream.close();
    await until(() => dead.calls[0]!.signal.aborted);
    const next = new ToEngine((await startEngine(echo)).port);
    decide(next.route());
    expect((await next.ended(1))[0]!.requestBytes).toBe(0);
    expect(dead.outcomes).toHaveLength(1);
  });

  it('ends once where the client goes before anybody is asked again', async () => {
    const { client, dead, asked } = await doorToDead(async () => dead.route());
    const got = await call(client, { 'grpc-timeout': '50m' });
    expect(got.status).toBe(4);
    expect((await dead.ended(1)).map(({ status }) => status)).toEqual([4]);
    expect(asked()).toBe(0);
  });

  it('is not sent twice where an engine was reached and dies', async () => {
    let asked = 0;
    const engine = await startEngine((stream) => begin(stream));
    const again = async () => {
      asked++;
      return to.route();
    };
    const to: ToEngine = new ToEngine(engine.port, { again });
    const door = await openDoor(to.router);
    const stream = open(dial(door.port));
    const got = collect(stream);
    stream.end();
    await new Promise((resolve) => stream.once('response', resolve));
    engine.kill();
    expect((await got).status).toBe(14);
    expect(asked).toBe(0);
  });
});

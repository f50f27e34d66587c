import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { FlightClient } from './support/flight.js';
import { Product } from './support/product.js';
import { PythonClient, describeWithPython, type StreamAnswer } from './support/python.js';
import { EngineSampler } from './support/sampler.js';
import { Relay } from './support/relay.js';
import { until } from './support/until.js';

const endless = 'SELECT i FROM range(100000000000) AS r (i)';
const RESOURCE_EXHAUSTED = 8;

let product: Product;
const clients: FlightClient[] = [];
const held: (() => void)[] = [];

function connect(user: string): FlightClient {
  const client = new FlightClient(product.grpcPort, product.token(user));
  clients.push(client);
  return client;
}

/** Holds this user's engine by a stream that is not read on. */
async function hold(user: string): Promise<() => void> {
  const client = connect(user);
  const stream = client.get(await client.info(endless)).on('error', () => {});
  await new Promise((first) => stream.once('data', first));
  stream.pause();
  const release = () => stream.cancel();
  held.push(release);
  return release;
}

const spawnedUsers = () =>
  product.log('msg="Container spawned"').map((line) => /user_id=(\S+)/.exec(line)?.[1]);

afterEach(async () => {
  // What is still in flight would hold up the end of the proxy.
  for (const release of held.splice(0)) release();
  for (const client of clients.splice(0)) client.close();
  await product?.stop();
});

describe('Forty users at a limit of ten', () => {
  it('never have more than ten engines, and each is served or refused with the reason, at once and again', async () => {
    product = await Product.start({ max_per_host: 10, queue_timeout: '10s' });
    const users = Array.from({ length: 40 }, (_, n) => connect(`user-${n}`));
    const sampler = new EngineSampler(product.pid);
    const refusals: unknown[] = [];
    let served = 0;
    const ask = async (client: FlightClient, n: number) => {
      let rows: unknown;
      try {
        rows = await client.query(`SELECT ${n}::INTEGER AS n`);
      } catch (error) {
        refusals.push(error);
        return;
      }
      expect(rows).toEqual([{ n }]);
      served += 1;
    };
    await Promise.all(users.map(ask));
    await Promise.all(users.map(ask));
    sampler.stop();
    expect(sampler.samples).toBeGreaterThan(50);
    expect(sampler.most).toBe(10);
    expect(served + refusals.length).toBe(80);
    // Ten at once, and the same ten again.
    expect(served).toBeGreaterThanOrEqual(20);
    for (const refusal of refusals)
      expect(refusal).toMatchObject({
        code: RESOURCE_EXHAUSTED,
        details: expect.stringMatching(/All 10 .*"containers.max_per_host".* you were still number \d+ /),
      });
    expect(product.engines().length).toBeLessThanOrEqual(10);
  });
});

describe('A full host', () => {
  it('serves those who wait in the order of their coming', async () => {
    product = await Product.start({ max_per_host: 1 });
    const release = await hold('first');
    const users = ['ada', 'ben', 'cleo'];
    const waiting: Promise<unknown>[] = [];
    for (const user of users) {
      waiting.push(connect(user).query('SELECT 1::INTEGER AS n'));
      await sleep(300);
    }
    release();
    expect(await Promise.all(waiting)).toEqual(users.map(() => [{ n: 1 }]));
    expect(spawnedUsers()).toEqual(['first', ...users]);
    expect(product.log('reason=make_room')).toHaveLength(3);
  });

  it('refuses who waits for too long or is one too many, and says for how long to wait', async () => {
    product = await Product.start({ max_per_host: 1, queue_timeout: '2s', queue_size: 1 });
    await hold('first');
    const second = connect('second')
      .query('SELECT 1')
      .catch((error: unknown) => error);
    await sleep(300);
    const third = (await connect('third')
      .query('SELECT 1')
      .catch((error: unknown) => error)) as { metadata: { get(name: string): unknown[] } };
    expect(third).toMatchObject({
      code: RESOURCE_EXHAUSTED,
      details: expect.stringMatching(/1 users wait already/),
    });
    expect(third.metadata.get('retry-after')).toEqual(['5']);
    expect(await second).toMatchObject({
      code: RESOURCE_EXHAUSTED,
      details: expect.stringMatching(/"containers.max_per_host" .* number 1 /),
    });
    expect(spawnedUsers()).toEqual(['first']);
  });

  it('gives no turn to who has left the queue', async () => {
    product = await Product.start({ max_per_host: 1 });
    const release = await hold('first');
    const wire = await Relay.to(product.grpcPort);
    const leaving = new FlightClient(wire.port, product.token('leaving'));
    const left = leaving.query('SELECT 1').catch(() => 'left');
    await sleep(500);
    const next = connect('next').query('SELECT 2::INTEGER AS n');
    await sleep(300);
    leaving.close();
    wire.cut();
    expect(await left).toBe('left');
    release();
    expect(await next).toEqual([{ n: 2 }]);
    expect(spawnedUsers()).toEqual(['first', 'next']);
  });
});

describeWithPython('A client that vanishes in mid-stream', () => {
  it('gives its engine back, and its place to who waits', async () => {
    product = await Product.start({ max_per_host: 1 });
    const task = { location: product.location, token: product.token('ada'), sql: endless, mb_per_s: 1 };
    const vanishing = new PythonClient('stream.py', task);
    await until('the first batch', () => vanishing.answers().length > 0);
    const next = new PythonClient('stream.py', {
      ...task,
      token: product.token('ben'),
      sql: 'SELECT 5 AS i',
    });
    await sleep(1000);
    expect(next.answers()).toEqual([]);
    vanishing.kill();
    const end = (await next.ended()).at(-1) as StreamAnswer;
    expect(end).toMatchObject({ event: 'end', last: 5 });
    expect((await product.detail()).containers).toMatchObject({
      active: 1,
      total_spawned: 2,
      total_stopped: 1,
    });
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import type { ClientReadableStream } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { FlightClient } from './support/flight.js';
import { runs } from './support/processes.js';
import { Product } from './support/product.js';
import { until } from './support/until.js';

const endless = 'SELECT i FROM range(100000000000) AS r (i)';
/** More than fits into the buffers on its way, so it can't end before it is read. */
const long = 'SELECT i FROM range(4000000) AS r (i)';
const UNAVAILABLE = 14;

let product: Product;
const clients: FlightClient[] = [];

function connect(user: string): FlightClient {
  const client = new FlightClient(product.grpcPort, product.token(user));
  clients.push(client);
  return client;
}

interface Stream {
  readonly call: ClientReadableStream<unknown>;
  /** Resolves with its status code. */
  readonly ended: Promise<number>;
}

/** A stream of which the first batch has come, and that is not read on. */
async function begin(user: string, sql: string): Promise<Stream> {
  const client = connect(user);
  const call = client.get(await client.info(sql));
  const ended = new Promise<number>((done) => {
    call.on('error', ({ code }: Error & { code?: number }) => done(code ?? -1)).on('end', () => done(0));
  });
  await new Promise((first) => call.once('data', first));
  call.pause();
  return { call, ended };
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await product?.stop();
});

describe('SIGTERM in mid-stream with ten users', () => {
  it('lets streams finish, ends the others as unavailable, leaves no process, and exits with 0', async () => {
    product = await Product.start({ max_per_host: 10 });
    const streams: Stream[] = [];
    for (let n = 0; n < 10; n += 1) streams.push(await begin(`user-${n}`, n < 5 ? long : endless));
    const engines = product.engines();
    expect(engines).toHaveLength(10);
    const waiting = connect('eleventh')
      .query('SELECT 1')
      .catch((error: unknown) => error);
    await sleep(500);
    const exit = product.stop('SIGTERM');
    expect(await waiting).toMatchObject({
      code: UNAVAILABLE,
      details: expect.stringContaining('shutting down'),
    });
    const ready = await fetch(`${product.httpUrl}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false }]);
    for (const { call } of streams.slice(0, 5)) call.resume();
    expect(await Promise.all(streams.slice(0, 5).map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0]);
    expect(engines.every(runs)).toBe(true);
    for (const { call } of streams.slice(5)) call.resume();
    expect(await Promise.all(streams.slice(5).map(({ ended }) => ended))).toEqual(
      Array.from({ length: 5 }, () => UNAVAILABLE),
    );
    expect(await exit).toBe(0);
    expect(engines.filter(runs)).toEqual([]);
    expect(product.log('reason=shutdown')).toHaveLength(10);
  });
});

describe('An engine that hangs', () => {
  it('is found out and replaced, and its streams end as unavailable', async () => {
    product = await Product.start();
    const { call, ended } = await begin('ada', endless);
    const [hung] = product.engines();
    process.kill(hung!, 'SIGSTOP');
    call.resume();
    expect(await ended).toBe(UNAVAILABLE);
    expect(product.log('msg="Container broken"')).toHaveLength(1);
    expect(await connect('ada').query('SELECT 2::INTEGER AS n')).toEqual([{ n: 2 }]);
    expect(product.log('reason=broken')).toHaveLength(1);
    await until('the hung engine is gone', () => !runs(hung!));
  });
});

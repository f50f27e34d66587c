import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FlightClient } from '../e2e/support/flight.js';
import type { Product } from '../e2e/support/product.js';
import { PythonClient, describeWithPython, type StreamAnswer } from '../e2e/support/python.js';
import { until } from '../e2e/support/until.js';
import { docker, enginesOf, execIn, images, startOnDocker } from './support/docker.js';

const endless = 'SELECT i FROM range(100000000000) AS r (i)';
const MINUTE = 60_000;

let product: Product | undefined;
const clients: FlightClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await product?.stop();
});

/** One whose proxy never comes back; looked at in the last test. */
let abandoned: Product;
beforeAll(async () => {
  abandoned = await startOnDocker({ idle_timeout: '1s' });
  const client = new FlightClient(abandoned.grpcPort, abandoned.token('ada'));
  await client.query('SELECT 1');
  client.close();
  await abandoned.leave('SIGKILL');
}, MINUTE);
afterAll(() => abandoned?.stop());

function connect(user: string): FlightClient {
  const client = new FlightClient(product!.grpcPort, product!.token(user));
  clients.push(client);
  return client;
}

function stream(user: string, sql: string): PythonClient {
  return new PythonClient('stream.py', { location: product!.location, token: product!.token(user), sql });
}

const endOf = async (client: PythonClient) => (await client.ended()).at(-1) as StreamAnswer;

describeWithPython('A proxy that is killed', () => {
  it(
    'and its successor: all users keep their engines and what is in them, and none is doubled',
    async () => {
      product = await startOnDocker({ memory_limit: '256m' });
      const users = Array.from({ length: 20 }, (_, index) => `user-${index}@example.org`);
      await Promise.all(
        users.map((user) => connect(user).query(`CREATE TABLE mine AS SELECT '${user}' AS whose`)),
      );
      const before = (await enginesOf(product)).map(({ Id }) => Id).toSorted();
      expect(before).toHaveLength(20);
      const readings = users.slice(0, 5).map((user) => stream(user, endless));
      await until('all streams flow', () => readings.every((reading) => reading.answers().length > 0));
      await product.leave('SIGKILL');
      for (const reading of readings)
        expect(await endOf(reading)).toMatchObject({ error: 'FlightUnavailableError' });
      for (const client of clients.splice(0)) client.close();
      product = await startOnDocker({ memory_limit: '256m' }, { secret: product.secret });
      // Its ports are open before: requests wait for it.
      await until('all are adopted', () => product!.log('msg="Container adopted"').length === 20);
      const answers = await Promise.all(users.map((user) => connect(user).query('SELECT whose FROM mine')));
      expect(answers).toEqual(users.map((whose) => [{ whose }]));
      expect((await enginesOf(product)).map(({ Id }) => Id).toSorted()).toEqual(before);
      expect((await product.detail()).containers).toMatchObject({ active: 20, total_spawned: 0 });
    },
    4 * MINUTE,
  );

  it('in good order leaves its engines to the next one, too', async () => {
    product = await startOnDocker();
    await connect('ada').query('CREATE TABLE kept AS SELECT 7::INTEGER AS n');
    expect(await product.leave('SIGTERM')).toBe(0);
    product = await startOnDocker({}, { secret: product.secret });
    expect(await connect('ada').query('FROM kept')).toEqual([{ n: 7 }]);
  });

  it('and its successor with another configuration: what is in use goes on, the next engine is as configured', async () => {
    product = await startOnDocker();
    await connect('ada').query('CREATE TABLE kept AS SELECT 7::INTEGER AS n');
    await product.leave('SIGKILL');
    product = await startOnDocker({ memory_limit: '256m' }, { secret: product.secret });
    expect(await connect('ada').query('FROM kept')).toEqual([{ n: 7 }]);
    await connect('ben').query('SELECT 1');
    const limits = await Promise.all(
      (await enginesOf(product)).map(
        async ({ Id }) => (await docker.getContainer(Id).inspect()).HostConfig.Memory,
      ),
    );
    const mebibytes = limits.map((bytes) => bytes! / 1024 ** 2).toSorted((a, b) => a - b);
    expect(mebibytes).toEqual([3 * 256, 3 * 512]);
  });
});

/** Makes a container's memory run out: a little above what it has now, its memory is bounded and its spill area filled. */
async function exhaust(id: string): Promise<void> {
  const container = docker.getContainer(id);
  const { memory_stats: memory } = await container.stats({ stream: false });
  const Memory = Math.ceil(memory.usage / 2 ** 20 + 8) * 2 ** 20;
  await container.update({ Memory, MemorySwap: Memory });
  await execIn(id, ['dd', 'if=/dev/zero', 'of=/spill/full', 'bs=1M', 'count=256']).catch(() => {});
}

/** All that runs in the container, but for its init and this. */
const CRASH =
  'for p in /proc/[0-9]*; do n=${p#/proc/}; [ $n -ne 1 ] && [ $n -ne $$ ] && kill -SEGV $n; done; true';

describeWithPython('An engine that ends', () => {
  it('by a kill: says so to the log and to whoever was reading, and the next query gets a new one', async () => {
    product = await startOnDocker();
    const reading = stream('ada', endless);
    await until('the first batch', () => reading.answers().length > 0);
    const [engine] = await enginesOf(product);
    await docker.getContainer(engine!.Id).kill();
    const end = await endOf(reading);
    expect(end).toMatchObject({ error: 'FlightUnavailableError' });
    expect(end.message).toMatch(/It was killed from outside \(signal SIGKILL\)\. Run the statement again/);
    expect(product.log('msg="Container died"')[0]).toMatch(/level=warn .*user_id=ada .*cause=killed/);
    expect(await connect('ada').query('SELECT 2::INTEGER AS n')).toEqual([{ n: 2 }]);
  });

  it('for want of memory: tells that apart from a kill', async () => {
    product = await startOnDocker();
    const reading = stream('ada', endless);
    await until('the first batch', () => reading.answers().length > 0);
    const [engine] = await enginesOf(product);
    await exhaust(engine!.Id);
    const end = await endOf(reading);
    expect(end.message).toMatch(/It ran out of its memory\. .*containers\.memory_limit/);
    expect(product.log('msg="Container died"')[0]).toMatch(/cause=out_of_memory/);
    expect(await connect('ada').query('SELECT 2::INTEGER AS n')).toEqual([{ n: 2 }]);
  });

  it('by itself: tells that apart from both', async () => {
    product = await startOnDocker();
    const reading = stream('ada', endless);
    await until('the first batch', () => reading.answers().length > 0);
    const [engine] = await enginesOf(product);
    await execIn(engine!.Id, ['sh', '-c', CRASH]);
    expect((await endOf(reading)).message).toMatch(/It crashed \(signal SIGSEGV\)/);
    await until('the log tells it', () => product!.log('msg="Container died"').length > 0);
    expect(product.log('msg="Container died"')[0]).toMatch(/cause=crashed detail="?signal SIGSEGV/);
  });
});

describe('The spill area', () => {
  it(
    'that is full ends the statement with an error that says so, and not the engine',
    async () => {
      product = await startOnDocker({ spill_limit: '16m' });
      const client = connect('ada');
      await client.query('SELECT 1');
      const [before] = await enginesOf(product);
      const sort = 'SELECT count(*) FROM (SELECT i, hash(i) AS h FROM range(60000000) AS r (i) ORDER BY h)';
      await expect(client.query(sort)).rejects.toThrow(
        /Out of Memory Error|max_temp_directory_size|offload data block/,
      );
      expect(await client.query('SELECT 3::INTEGER AS n')).toEqual([{ n: 3 }]);
      expect((await enginesOf(product))[0]!.Id).toBe(before!.Id);
    },
    2 * MINUTE,
  );
});

describe('The image', () => {
  const gone = 'pondpilot-test/gone';
  const failed = async () => {
    const error: unknown = await connect('ben')
      .query('SELECT 1')
      .catch((reason: unknown) => reason);
    return error as { code: number; details: string };
  };

  it(
    'that is removed meanwhile: a clear refusal, not ready, and well again once it is back',
    async () => {
      await docker.getImage(images.engine).tag({ repo: gone, tag: 'latest' });
      product = await startOnDocker({ image: `${gone}:latest` });
      await connect('ada').query('SELECT 1');
      await docker.getImage(`${gone}:latest`).remove();
      expect(await failed()).toMatchObject({
        code: 14,
        details: expect.stringContaining('could not be started'),
      });
      const ready = await until('it says what is missing', async () => {
        const answer = await fetch(`${product!.httpUrl}/ready`);
        return (await answer.clone().text()).includes(gone) && answer;
      });
      expect([ready.status, await ready.json()]).toMatchObject([
        503,
        { reason: expect.stringContaining(gone) },
      ]);
      expect(product.log('msg="Container spawn failed"')[0]).toMatch(
        /is not there.*docker pull .*docker build --target engine/,
      );
      expect(await connect('ada').query('SELECT 4::INTEGER AS n')).toEqual([{ n: 4 }]);
      await docker.getImage(images.engine).tag({ repo: gone, tag: 'latest' });
      try {
        const answer = await until(
          'ben gets an engine',
          () =>
            connect('ben')
              .query('SELECT 5::INTEGER AS n')
              .catch(() => undefined),
          MINUTE,
        );
        expect(answer).toEqual([{ n: 5 }]);
      } finally {
        await docker.getImage(`${gone}:latest`).remove();
      }
    },
    2 * MINUTE,
  );

  it('that is no engine is refused at the start, with the name of ours', async () => {
    const start = startOnDocker({ image: images.proxy });
    await expect(start).rejects.toThrow(
      /is not an engine.*io\.pondpilot\.engine=1.*ghcr\.io\/pondpilot\/engine/s,
    );
  });
});

describe('Engines whose proxy never comes back', () => {
  // After twice the idle time-out, but two minutes at least.
  it(
    'end by themselves',
    () => until('it has ended', async () => (await enginesOf(abandoned)).length === 0, 3 * MINUTE),
    4 * MINUTE,
  );
});

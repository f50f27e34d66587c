import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { readFileSync, readdirSync } from 'node:fs';
import { FlightClient } from './support/flight.js';
import { residentBytes } from './support/processes.js';
import { Product } from './support/product.js';

const megabyte = 1024 ** 2;
/** A dozen threads, 32 MiB each. */
const DATA_OF_THREADS = 12 * 32 * megabyte;
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('An engine', () => {
  let product: Product;
  const clients: FlightClient[] = [];
  const connect = (user: string) => {
    const client = new FlightClient(product.grpcPort, product.token(user));
    clients.push(client);
    return client;
  };
  const factsOf = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');

  beforeAll(async () => {
    product = await Product.start({ warm_pool: 0 });
    await connect('ada').query('SELECT 1');
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await product?.stop();
  });

  it('has no new privileges, dumps no core, and may take so much memory, so many files and processes', () => {
    const [pid = 0] = product.engines();
    expect(factsOf(pid, 'status')).toMatch(/^NoNewPrivs:\t1$/m);
    // A filter, on every thread.
    for (const thread of readdirSync(`/proc/${pid}/task`))
      expect(factsOf(pid, `task/${thread}/status`)).toMatch(/^Seccomp:\t2$/m);
    const limits = factsOf(pid, 'limits');
    expect(limits).toMatch(/^Max core file size +0 +0 /m);
    const [, data = '', mostData = ''] = /^Max data size +(\d+) +(\d+) /m.exec(limits)!;
    // The rest is for threads that are yet to be started.
    expect(Number(mostData) - Number(data)).toBeLessThanOrEqual(DATA_OF_THREADS);
    expect(Number(/^Max open files +\d+ +(\d+)/m.exec(limits)![1])).toBeLessThanOrEqual(4096);
    const processes = /^Max processes +\d+ +(\w+)/m.exec(limits)![1];
    expect(processes === '512').toBe(process.getuid?.() === 0);
  });

  it('has what holds it back in the log and in the detailed health', async () => {
    const { components } = (await product.detail()) as unknown as {
      components: { provider: { isolation: string; sandbox: string[] } };
    };
    const { isolation, sandbox } = components.provider;
    const own = process.getuid?.() === 0 ? ['own_user'] : [];
    expect(sandbox).toEqual([
      ...own,
      'rlimits',
      'no_new_privileges',
      'landlock_fs',
      'landlock_net',
      'landlock_scope',
      'seccomp',
    ]);
    const [line] = product.log('Containers are isolated');
    expect(line).toContain(`isolation=${isolation}`);
    expect(line).toContain(sandbox.join(','));
  });

  it.each([
    "SELECT length(repeat('x', 4000000000))",
    'SELECT len(range(400000000))',
    "SELECT length(format('{:>2000000000}', 1))",
    'SELECT len(list_transform(range(100000000), x -> x * 2))',
  ])(
    'takes no gigabytes of the machine: %s',
    async (sql) => {
      const before = product.engines();
      let peak = 0;
      const client = connect('ada');
      const timer = setInterval(() => {
        for (const pid of product.engines()) peak = Math.max(peak, residentBytes(pid));
      }, 5);
      try {
        await expect(client.query(sql)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
      } finally {
        clearInterval(timer);
      }
      expect(peak).toBeLessThan(800 * megabyte);
      expect(await client.query('SELECT 1::INTEGER AS n')).toEqual([{ n: 1 }]);
      expect(product.engines()).toEqual(before);
    },
    60_000,
  );

  it('sorts more than its memory, by spilling', async () => {
    const sql = `SELECT count(*)::INTEGER AS n FROM (SELECT i, md5(i::VARCHAR) AS h FROM range(6000000) AS r (i) ORDER BY h OFFSET 1)`;
    expect(await connect('ben').query(sql)).toEqual([{ n: 5_999_999 }]);
  }, 120_000);

  it('serves as many statements at once as it has threads within its memory', async () => {
    const client = connect('cleo');
    const sql = 'SELECT sum(hash(i))::VARCHAR AS s FROM range(3000000) AS r (i)';
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.query(sql)));
    expect(new Set(answers.map(([row]) => row!['s'])).size).toBe(1);
  }, 120_000);
});

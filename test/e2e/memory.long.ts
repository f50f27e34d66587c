import { expect, it } from '@jest/globals';
import { residentBytes } from './support/processes.js';
import { Product } from './support/product.js';
import { PythonClient, describeWithPython, type StreamAnswer } from './support/python.js';
import { until } from './support/until.js';

const megabyte = 1024 ** 2;

/** Rows of 56 bytes, made as they are read. */
const rows = (count: number) =>
  `SELECT i, i * 3 AS a, i + 7 AS b, i % 1000 AS c, i / 3 AS d, -i AS e, i * i % 977 AS f FROM range(${count}) AS r (i)`;

describeWithPython('Memory of proxy and engine', () => {
  it.each([
    ['while 5 GB pass at full speed', { sql: rows(90_000_000) }, 5e9],
    ['with a reader of 100 MB/s for 30 s', { sql: rows(10_000_000_000), mb_per_s: 100, seconds: 30 }, 2e9],
  ])(
    'stays flat %s',
    async (_name, reading, leastBytes) => {
      const product = await Product.start({ cpu_limit: 2, warm_pool: 0 });
      const stream = new PythonClient('stream.py', {
        location: product.location,
        token: product.token('ada'),
        ...reading,
      });
      try {
        await until('the first batch', () => stream.answers().length > 0);
        const processes = { proxy: product.pid, engine: product.engines()[0]! };
        const samples = { proxy: [] as number[], engine: [] as number[] };
        const timer = setInterval(() => {
          samples.proxy.push(residentBytes(processes.proxy));
          samples.engine.push(residentBytes(processes.engine));
        }, 50);
        const told = (await stream.ended().finally(() => clearInterval(timer))).at(-1) as StreamAnswer;
        expect(told.error).toBeUndefined();
        expect(told.bytes).toBeGreaterThan(leastBytes);
        for (const name of ['proxy', 'engine'] as const) {
          const { first, rest } = peaks(samples[name]);
          console.log(`${name}: ${mb(first)} MB in the first tenth, ${mb(rest)} MB after`);
          expect(rest - first).toBeLessThanOrEqual(64 * megabyte);
        }
      } finally {
        stream.kill();
        await product.stop();
      }
    },
    180_000,
  );
});

/** The highest value in the first tenth, and in the nine after it. */
function peaks(samples: number[]): { first: number; rest: number } {
  const tenth = Math.ceil(samples.length / 10);
  return { first: Math.max(...samples.slice(0, tenth)), rest: Math.max(...samples.slice(tenth)) };
}

const mb = (bytes: number) => Math.round(bytes / megabyte);

import { afterEach, describe, expect, it } from '@jest/globals';
import { DuckDbThreads } from './threads.js';

/** Instead of DuckDB: answers a statement that is a number of milliseconds after so long, with its own number. */
const PROGRAM = `
  import { parentPort, threadId } from 'node:worker_threads';
  const cell = new Int32Array(new SharedArrayBuffer(4));
  parentPort.once('message', () =>
    parentPort.on('message', ({ id, request: { sql } }) => {
      // As Node tells of a heap that is full; to fill one takes its time.
      if (sql === 'much') throw Object.assign(new Error('memory limit'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
      if (Number(sql) > 0) Atomics.wait(cell, 0, 0, Number(sql));
      parentPort.postMessage({ id, value: threadId });
    }),
  );`;
const ENTRY = new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`);
const LONG_MS = '1000';

let threads: DuckDbThreads;
let started = 0;
const crashes: string[] = [];
afterEach(() => threads.terminate());

function start(shortMs: number): void {
  const onCrash = ({ message }: Error) => void crashes.push(message);
  crashes.splice(0);
  started = 0;
  const onThread = () => void started++;
  const limits = { all: 3, short: 1, shortMs };
  threads = new DuckDbThreads(ENTRY, { duckdbLibrary: '' }, limits, { onCrash, onThread });
}

/** Resolves with the number of the thread that ran it. */
const call = async (ms: string): Promise<unknown> => threads.call('run', { connection: 0, sql: ms });

describe('DuckDbThreads', () => {
  it('run short calls on one thread, however many come at once', async () => {
    start(10_000);
    const used = await Promise.all(Array.from({ length: 50 }, () => call('2')));
    expect(new Set(used).size).toBe(1);
  });

  it('run others while a long one takes its time', async () => {
    start(5);
    const ends: string[] = [];
    const long = call(LONG_MS).then(() => ends.push('long'));
    await call('0').then(() => ends.push('short'));
    await long;
    expect(ends).toEqual(['short', 'long']);
  });

  it('ask for a request when there is a thread for it, and tell of one that can not be made', async () => {
    start(10_000);
    const asked: string[] = [];
    const place = (name: string) =>
      threads.place('run', () => {
        asked.push(name);
        if (name === 'bad') throw new Error('no memory');
        return { connection: 0, sql: '100' };
      });
    const first = place('first');
    const bad = place('bad').catch(({ message }: Error) => message);
    const last = place('last');
    expect(asked).toEqual(['first']);
    await first;
    expect(await bad).toBe('no memory');
    await last;
    expect(asked).toEqual(['first', 'bad', 'last']);
  });

  it('tell of a thread that ran out of memory', async () => {
    start(5);
    await expect(call('much')).rejects.toMatchObject({
      kind: 'resource_exhausted',
      message: expect.stringContaining('containers.memory_limit'),
      fatal: true,
    });
    expect(crashes).toEqual([expect.stringMatching(/memory limit/)]);
  });

  it('begin no call that was given up while it waited', async () => {
    start(10_000);
    const first = call('100');
    const abort = new AbortController();
    const given = threads.callLater('run', () => ({ connection: 0, sql: '3000' }), abort.signal);
    const last = call('0');
    abort.abort();
    await expect(given).rejects.toMatchObject({ kind: 'cancelled', fatal: false });
    await Promise.all([first, last]);
  });

  it('let what finds all of them busy wait for the first that is free', async () => {
    start(5);
    const ends: string[] = [];
    const end = (name: string) => () => void ends.push(name);
    const busy = [call('3000').then(end('longest')), call('600').then(end('first')), call('3000')];
    await new Promise((resolve) => setTimeout(resolve, 300));
    const waiting = ['a', 'b', 'c'].map((name) => call('0').then(end(name)));
    await Promise.all([...busy, ...waiting]);
    expect(ends).toEqual(['first', 'a', 'b', 'c', 'longest']);
    // The first was there before.
    expect(started).toBe(2);
  });
});

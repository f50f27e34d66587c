import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { fakeEngineOptions, makeScratch, smallSpec, type FakeEngineBehaviour } from '@pondpilot/testing';
import type { ProcessProviderOptions } from './options.js';
import { ProcessProvider } from './process-provider.js';

const TEST_MS = 30_000;
let scratch = '';
let provider: ProcessProvider | undefined;

beforeAll(async () => {
  scratch = await makeScratch();
});
afterEach(() => provider?.close());
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function use(behaviour: FakeEngineBehaviour, changed: Partial<ProcessProviderOptions> = {}) {
  provider = new ProcessProvider({ ...(await fakeEngineOptions(scratch, behaviour)), ...changed });
  return provider;
}

describe('a start that fails', () => {
  it.each<[FakeEngineBehaviour, Partial<ProcessProviderOptions>, RegExp]>([
    ['slow-to-start', { startTimeoutMs: 500 }, /^The engine did not report its ports within 500 ms\.$/],
    ['never-answers', { answerTimeoutMs: 500 }, /^The engine reported its ports, but does not answer: /],
    ['reports-failure', {}, /^The engine could not start: the library is of another version$/],
    ['prints-garbage', {}, /^The engine reported ports that are none\.$/],
    [
      'exits-at-start',
      {},
      /^The engine ended before it was ready: exit code 3\. It last wrote: giving up; the secret is \*\*\*$/,
    ],
    ['obedient', { node: '/nonexistent/node', ownUser: false }, /exit code 127/],
    // As where it can't be spawned at all.
    ['obedient', { nodeArguments: ['\0'] }, /null bytes/],
  ])(
    '%s is told in the cause, and nothing is left',
    async (behaviour, changed, reason) => {
      const tested = await use(behaviour, changed);
      const failure = await tested.launch(smallSpec).catch((error: unknown) => error);
      expect(failure).toMatchObject({ kind: 'unavailable', message: 'No engine could be started.' });
      expect((failure as { cause: Error }).cause.message).toMatch(reason);
      expect(await tested.list()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'is counted by the list until nothing of it is left',
    async () => {
      const tested = await use('slow-to-start', { startTimeoutMs: 3000 });
      const launch = tested.launch(smallSpec).catch(() => 'failed');
      const seen = async (): Promise<string[]> => {
        const ids = await tested.list();
        return ids.length > 0 ? ids : seen();
      };
      expect(await seen()).toHaveLength(1);
      expect(await launch).toBe('failed');
      expect(await tested.list()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'ends when the provider is closed, without waiting for its time-out',
    async () => {
      const tested = await use('slow-to-start', { startTimeoutMs: 3_600_000 });
      const launch = tested.launch(smallSpec).catch((error: unknown) => error);
      while ((await tested.list()).length === 0);
      await tested.close();
      expect(await launch).toMatchObject({ kind: 'unavailable' });
    },
    TEST_MS,
  );
});

describe('an engine that ignores SIGTERM', () => {
  it(
    'is killed by stop',
    async () => {
      const tested = await use('ignores-sigterm');
      const { id } = await tested.launch(smallSpec);
      await tested.stop(id, 'shutdown');
      expect(await tested.list()).toEqual([]);
    },
    TEST_MS,
  );
});

describe('what an engine writes to standard error', () => {
  it(
    'reaches the callback with its id, without secrets',
    async () => {
      const heard: string[][] = [];
      const tested = await use('exits-at-start', { onOutput: (...line) => heard.push(line) });
      await tested.launch(smallSpec).catch(() => {});
      expect(heard).toEqual([[expect.stringMatching(/^[0-9a-f]{16}$/), 'giving up; the secret is ***']]);
    },
    TEST_MS,
  );
});

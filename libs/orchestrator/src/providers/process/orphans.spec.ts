import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import {
  bundleProgram,
  enginePid,
  fakeEngineOptions,
  makeScratch,
  type FakeEngineBehaviour,
  smallSpec,
} from '@pondpilot/testing';
import { isZombie, startTime } from './proc.js';
import { ProcessProvider } from './process-provider.js';

const TEST_MS = 60_000;
let scratch = '';

beforeAll(async () => {
  scratch = await makeScratch();
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A proxy of its own that has two engines and prints their ids. */
const PARENT = `
  import { ProcessProvider } from './process-provider.js';
  const provider = new ProcessProvider(JSON.parse(process.argv[2]));
  const spec = ${JSON.stringify(smallSpec)};
  Promise.all([provider.launch(spec), provider.launch(spec)]).then((engines) =>
    console.log(engines.map(({ id }) => id).join(' ')),
  );
`;

async function killedParent(behaviour: FakeEngineBehaviour): Promise<number[]> {
  const program = bundleProgram(PARENT, import.meta.dirname, join(scratch, 'parent.cjs'));
  const options = await fakeEngineOptions(scratch, behaviour);
  const parent = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const pids = line.split(' ').map((id) => enginePid(id)!);
  expect(pids.filter(runs)).toHaveLength(2);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  return pids;
}

/** One that has ended may still wait for whoever adopted it to collect it. */
const runs = (pid: number) => startTime(pid) !== undefined && !isZombie(pid);

async function allGone(pids: number[]): Promise<boolean> {
  for (let left = 100; left > 0; left -= 1) {
    if (!pids.some(runs)) return true;
    await delay(100);
  }
  return false;
}

const proxyFolders = async (state: string) =>
  (await readdir(state)).filter((name) => name.startsWith('proxy-'));

describe('engines of a proxy that was killed', () => {
  it(
    'end within seconds, and the next proxy removes their folders',
    async () => {
      expect(await allGone(await killedParent('obedient'))).toBe(true);
      const options = await fakeEngineOptions(scratch, 'obedient');
      expect(await proxyFolders(options.stateDirectory)).toHaveLength(1);
      const next = new ProcessProvider(options);
      expect(await next.check()).toEqual({ usable: true });
      expect(await proxyFolders(options.stateDirectory)).toHaveLength(1);
      await next.close();
      expect(await proxyFolders(options.stateDirectory)).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'are ended by the next proxy where they live on',
    async () => {
      const pids = await killedParent('ignores-end-of-input');
      await delay(500);
      expect(pids.filter(runs)).toHaveLength(2);
      const next = new ProcessProvider(await fakeEngineOptions(scratch, 'obedient'));
      await next.check();
      expect(await allGone(pids)).toBe(true);
      await next.close();
    },
    TEST_MS,
  );
});

describe('the sweep at the start', () => {
  it('takes what dead proxies left, and neither what lives nor what is not its own', async () => {
    const options = await fakeEngineOptions(scratch, 'obedient');
    const stateDirectory = join(scratch, 'swept');
    const living = new ProcessProvider({ ...options, stateDirectory });
    await living.check();
    const [kept] = await proxyFolders(stateDirectory);
    // The same process id at another start time is another process.
    const dead = join(stateDirectory, `proxy-${process.pid}-1-00000000/0123456789abcdef`);
    await mkdir(dead, { recursive: true });
    await writeFile(join(dead, 'spilled'), 'rows');
    await writeFile(join(stateDirectory, 'notes.txt'), "an operator's");
    const next = new ProcessProvider({ ...options, stateDirectory });
    await next.check();
    expect(await proxyFolders(stateDirectory)).toHaveLength(2);
    expect(await readdir(stateDirectory)).toEqual(expect.arrayContaining([kept, 'notes.txt']));
    await Promise.all([living.close(), next.close()]);
  });
});

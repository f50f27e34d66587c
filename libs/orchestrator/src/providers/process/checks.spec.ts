import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fakeEngineOptions, makeScratch } from '@pondpilot/testing';
import type { ProcessProviderOptions } from './options.js';
import { mayChangeUsers } from './proc.js';
import { ProcessProvider } from './process-provider.js';
import { LAST_USER } from './user-pool.js';

const asRoot = mayChangeUsers(LAST_USER) ? describe : describe.skip;
let scratch = '';
let options: ProcessProviderOptions;
let path = '';

beforeEach(async () => {
  scratch = await makeScratch();
  options = await fakeEngineOptions(scratch, 'obedient');
  path = join(scratch, 'data/shop.sqlite');
  await mkdir(dirname(path), { mode: 0o755 });
  await writeFile(path, '');
  await chmod(path, 0o644);
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const file = (at: string, readOnly = true) =>
  ({ alias: 'shop', type: 'sqlite', connectionString: at, readOnly }) as const;

async function check(changed: Partial<ProcessProviderOptions>) {
  const provider = new ProcessProvider({ ...options, ...changed });
  try {
    return await provider.check();
  } finally {
    await provider.close();
  }
}

describe('check', () => {
  it.each(['node', 'entry', 'duckdbLibrary', 'extensionDirectory'] as const)(
    'names a missing %s and how to get it',
    async (part) => {
      const { usable, problem } = await check({ [part]: '/nonexistent/part' });
      expect(usable).toBe(false);
      expect(problem).toMatch(/\/nonexistent\/part is missing: /);
      expect(problem).not.toContain('\n');
    },
  );

  it('names a state directory that cannot be made', async () => {
    const inTheWay = join(scratch, 'file');
    await writeFile(inTheWay, '');
    const { usable, problem } = await check({ stateDirectory: join(inTheWay, 'state') });
    expect(usable).toBe(false);
    expect(problem).toMatch(/^The state directory .*\/file\/state can't be used: .*choose another\.$/);
  });

  it('refuses a state directory that others may write to', async () => {
    await mkdir(options.stateDirectory);
    await chmod(options.stateDirectory, 0o777);
    expect(await check({})).toMatchObject({
      usable: false,
      problem: expect.stringContaining('others may write to it'),
    });
  });

  it('works again once the problem is gone', async () => {
    await mkdir(options.stateDirectory);
    await chmod(options.stateDirectory, 0o777);
    const provider = new ProcessProvider(options);
    expect(await provider.check()).toMatchObject({ usable: false });
    await chmod(options.stateDirectory, 0o711);
    expect(await provider.check()).toEqual({ usable: true });
    await provider.close();
    expect(await provider.check()).toMatchObject({ usable: false });
  });
});

describe('check of database files', () => {
  it('finds nothing wrong with one that is open to engines, nor with servers', async () => {
    const server = {
      alias: 's',
      type: 'postgres',
      connectionString: 'postgres://h/d',
      readOnly: true,
    } as const;
    expect(await check({ databases: [file(path), server] })).toEqual({ usable: true });
  });

  it('names one that does not exist; the other databases work, so the provider is usable', async () => {
    const missing = join(scratch, 'data/none.sqlite');
    expect(await check({ databases: [file(missing)] })).toEqual({
      usable: true,
      problem: `Database "shop": engines can't find ${missing}: check the path in attached_databases.`,
    });
  });
});

asRoot('check of a proxy that is root', () => {
  it("names the folder that keeps engines' own users out", async () => {
    await chmod(scratch, 0o700);
    const { usable, problem } = await check({});
    expect(usable).toBe(false);
    expect(problem).toContain(`chmod o+x ${scratch}, or choose a state directory elsewhere.`);
    expect(await check({ ownUser: false })).toEqual({ usable: true });
  });

  it.each([
    ['a file', 0o640, 0o755, true, (at: string) => `can't read ${at}: chmod o+r ${at}`],
    [
      'a file to be written',
      0o644,
      0o755,
      false,
      (at: string) => `can't read and write ${at}: chmod o+rw ${at}`,
    ],
    ['its folder', 0o644, 0o750, true, (at: string) => `can't reach ${at}: chmod o+x ${dirname(at)}`],
  ])(
    "names %s that engines' own users can't use, and the chmod",
    async (_what, mode, folderMode, readOnly, told) => {
      await chmod(path, mode);
      await chmod(dirname(path), folderMode);
      expect(await check({ databases: [file(path, readOnly)] })).toEqual({
        usable: true,
        problem: `Database "shop": engines ${told(path)}`,
      });
    },
  );
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { enginePid, fakeEngineOptions, makeScratch, smallSpec } from '@pondpilot/testing';
import type { LaunchSpec } from '../../provider.js';
import type { ProcessProviderOptions } from './options.js';
import { idsInUse, mayChangeUsers } from './proc.js';
import { ProcessProvider } from './process-provider.js';
import { FIRST_USER, LAST_USER } from './user-pool.js';

const PASSWORD = 'correct-horse-battery';
const spec: LaunchSpec = {
  ...smallSpec,
  databases: [
    {
      alias: 'sales',
      type: 'postgres',
      connectionString: `postgres://u:${PASSWORD}@127.0.0.1/sales`,
      readOnly: true,
    },
  ],
};
const TEST_MS = 30_000;
const asRoot = mayChangeUsers(LAST_USER) ? describe : describe.skip;

let scratch = '';
const providers: ProcessProvider[] = [];

beforeAll(async () => {
  scratch = await makeScratch();
});
afterEach(() => Promise.all(providers.splice(0).map((provider) => provider.close())));
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function make(changed: Partial<ProcessProviderOptions> = {}): Promise<ProcessProvider> {
  const provider = new ProcessProvider({ ...(await fakeEngineOptions(scratch, 'obedient')), ...changed });
  providers.push(provider);
  return provider;
}

const factsOf = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
const ownerOf = (pid: number, kind: 'Uid' | 'Gid' | 'Groups') =>
  new RegExp(`^${kind}:[\\t ]*(.*)$`, 'm').exec(factsOf(pid, 'status'))![1]!.trim().split(/\s+/);

describe('an engine', () => {
  it(
    "has nothing of the proxy's environment, and no secret in its arguments",
    async () => {
      process.env['PGPASSWORD'] = PASSWORD;
      try {
        const provider = await make();
        const { id, controlSecret } = await provider.launch(spec);
        const pid = enginePid(id)!;
        const names = factsOf(pid, 'environ')
          .split('\0')
          .filter(Boolean)
          .map((pair) => pair.split('=')[0]!);
        // A shell adds the last three.
        const allowed = new Set(['HOME', 'LANG', 'TMPDIR', 'TZ', 'PWD', 'SHLVL', '_']);
        expect(names.filter((name) => !allowed.has(name))).toEqual([]);
        const visible = factsOf(pid, 'cmdline') + factsOf(pid, 'environ');
        expect(visible).not.toContain(controlSecret);
        expect(visible).not.toContain(PASSWORD);
      } finally {
        delete process.env['PGPASSWORD'];
      }
    },
    TEST_MS,
  );

  it(
    'dumps no core and leads a process group of its own',
    async () => {
      const provider = await make();
      const pid = enginePid((await provider.launch(spec)).id)!;
      expect(factsOf(pid, 'limits')).toMatch(/^Max core file size\s+0\s+0\s/m);
      const [, , group, session] = factsOf(pid, 'stat').split(') ')[1]!.split(' ');
      expect([group, session]).toEqual([String(pid), String(pid)]);
    },
    TEST_MS,
  );

  it(
    'works in a folder that is closed to others, and gone when it has ended',
    async () => {
      const provider = await make();
      const { id } = await provider.launch(spec);
      const folder = readFileSync(`/proc/${enginePid(id)}/environ`, 'utf8').match(/HOME=([^\0]*)/)![1]!;
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      await provider.stop(id, 'idle_timeout');
      await expect(stat(folder)).rejects.toThrow(/ENOENT/);
    },
    TEST_MS,
  );
});

asRoot('an engine of a proxy that is root', () => {
  it(
    'has a user and a group that nobody else on the machine has, and no other groups',
    async () => {
      const before = idsInUse();
      const provider = await make();
      expect(provider.isolation).toEqual({ ownUser: true });
      const engines = await Promise.all([1, 2, 3].map(() => provider.launch(spec)));
      const pids = engines.map(({ id }) => enginePid(id)!);
      const users = pids.map((pid) => Number(ownerOf(pid, 'Uid')[0]));
      expect(new Set(users).size).toBe(3);
      for (const [index, pid] of pids.entries()) {
        const user = users[index]!;
        expect(user).toBeGreaterThanOrEqual(FIRST_USER);
        expect(user).toBeLessThanOrEqual(LAST_USER);
        expect(before.has(user)).toBe(false);
        expect(new Set([...ownerOf(pid, 'Uid'), ...ownerOf(pid, 'Gid')])).toEqual(new Set([String(user)]));
        expect(ownerOf(pid, 'Groups')).toEqual(['']);
        expect(statSync(`/proc/${pid}/cwd`).uid).toBe(user);
      }
    },
    TEST_MS,
  );

  it(
    'runs a program that lies where only root may look, from a copy that it cannot write to',
    async () => {
      const provider = await make();
      const pid = enginePid((await provider.launch(spec)).id)!;
      const entry = factsOf(pid, 'cmdline')
        .split('\0')
        .find((part) => part.endsWith('.cjs'))!;
      for (let path = entry; path.startsWith(join(scratch, 'state/')); path = dirname(path)) {
        const { uid, mode } = await stat(path);
        expect({ path, uid, writable: mode & 0o022 }).toEqual({ path, uid: 0, writable: 0 });
      }
      expect(entry).toMatch(/\/state\/runtime-[0-9a-f]{16}\/engine\//);
    },
    TEST_MS,
  );

  it(
    'shares the staged program with those of other proxies that start at the same time',
    async () => {
      const stateDirectory = join(scratch, 'shared');
      const both = await Promise.all([make({ stateDirectory }), make({ stateDirectory })]);
      await Promise.all(both.map((provider) => provider.launch(spec)));
      const names = await readdir(stateDirectory);
      expect(names.filter((name) => name.startsWith('runtime-'))).toHaveLength(1);
      expect(names.filter((name) => name.startsWith('proxy-'))).toHaveLength(2);
    },
    TEST_MS,
  );

  it(
    'is staged again when somebody has cleared the state directory',
    async () => {
      const stateDirectory = join(scratch, 'cleared');
      const provider = await make({ stateDirectory });
      await provider.check();
      await rm(stateDirectory, { recursive: true });
      await provider.launch(spec);
      expect(await provider.list()).toHaveLength(1);
    },
    TEST_MS,
  );

  it('has its program staged anew for a new version; the old one is removed once no proxy runs it', async () => {
    const stateDirectory = join(scratch, 'versions');
    const runtimes = async () =>
      (await readdir(stateDirectory)).filter((name) => name.startsWith('runtime-'));
    const first = await make({ stateDirectory });
    await first.check();
    const [old] = await runtimes();
    const options = { ...(await fakeEngineOptions(scratch, 'ignores-sigterm')), stateDirectory };
    const second = await make(options);
    await second.check();
    expect(await runtimes()).toHaveLength(2);
    await Promise.all([first.close(), second.close()]);
    const third = await make(options);
    await third.check();
    expect(await runtimes()).toHaveLength(1);
    expect(await runtimes()).not.toContain(old);
  });
});

describe('a proxy that wants no own users', () => {
  it(
    'runs engines in place, as itself',
    async () => {
      const provider = await make({ ownUser: false, stateDirectory: join(scratch, 'in-place') });
      expect(provider.isolation).toEqual({ ownUser: false });
      const pid = enginePid((await provider.launch(spec)).id)!;
      expect(ownerOf(pid, 'Uid')[0]).toBe(String(process.getuid!()));
      expect(factsOf(pid, 'cmdline')).toContain(join(scratch, 'program'));
    },
    TEST_MS,
  );
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeScratch } from '@pondpilot/testing';
import { file, server } from './docker.harness.js';
import { fileProblems, type OwnMounts } from './mounts.js';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
const NONE = { unmounted: [], unusable: [] };
let data = '';
let shop = '';

beforeEach(async () => {
  data = join(await makeScratch(), 'data');
  await mkdir(data);
  shop = join(data, 'shop.sqlite');
  await writeFile(shop, '');
  await chmod(data, 0o755);
  await chmod(shop, 0o644);
  // Where these tests run as the user that engines have, the bits of the owner would count.
  if (process.getuid?.() === 0) await Promise.all([chown(data, 0, 0), chown(shop, 0, 0)]);
});
afterEach(() => rm(join(data, '..'), { recursive: true, force: true }));

const mounted = (destination: string, type: 'bind' | 'tmpfs' = 'bind') => ({
  Type: type,
  Source: '/srv/data',
  Destination: destination,
  Mode: '',
  RW: true,
  Propagation: '',
});

const problems = (databases: Parameters<typeof fileProblems>[0], own?: OwnMounts, extensions?: string) =>
  fileProblems(databases, extensions, own);

describe('fileProblems', () => {
  it('has nothing against files that are mounted and open, nor against servers', async () => {
    const databases = [file(shop), server('postgres://ann:secret@db.example/sales')];
    expect(await problems(databases)).toEqual(NONE);
    expect(await problems(databases, [mounted(data)], data)).toEqual(NONE);
  });

  it('names a file that is not there', async () => {
    const path = join(data, 'none.sqlite');
    expect(await problems([file(path)])).toEqual({
      unmounted: [],
      unusable: [`Database "shop": ${path} is not there, or the proxy can't see it: check the path.`],
    });
  });

  it('names a folder in the place of a file', async () => {
    expect(await problems([file(data)])).toEqual({
      unmounted: [],
      unusable: [expect.stringContaining(`Database "shop": ${data} is a folder`)],
    });
  });
});

describe('fileProblems of a proxy in a container', () => {
  const unmounted = async (...args: Parameters<typeof problems>) => (await problems(...args)).unmounted;

  it('has the exact line to add for what lies in no mount', async () => {
    expect(await unmounted([file('/srv/data/shop.sqlite')], [])).toEqual([
      `Database "shop": /srv/data/shop.sqlite lies in no mount of the proxy's container, so engines can't have it: add "- ./data:/srv/data:ro" to its volumes.`,
    ]);
  });

  it('has one that may be written to where the database is', async () => {
    const [problem] = await unmounted([file('/srv/data/shop.sqlite', { readOnly: false })], []);
    expect(problem).toContain('"- ./data:/srv/data"');
  });

  it('never mounts over the root', async () => {
    const [problem] = await unmounted([file('/shop.sqlite')], []);
    expect(problem).toContain('"- ./shop.sqlite:/shop.sqlite:ro"');
  });

  it('has the folder itself for extensions', async () => {
    const [problem] = await unmounted([], [], '/extensions');
    expect(problem).toMatch(/^Extensions: \/extensions lies in no mount.*"- \.\/extensions:\/extensions:ro"/);
  });

  it("tells what lies in the proxy's own memory", async () => {
    expect(await unmounted([file(shop)], [mounted(data, 'tmpfs')])).toHaveLength(1);
  });

  it('wants the folder of a file that is mounted alone, where engines need what comes beside it', async () => {
    expect(await unmounted([file(shop)], [mounted(shop)])).toEqual([]);
    const [problem] = await unmounted([file(shop, { readOnly: false })], [mounted(shop)]);
    expect(problem).toContain(`"- ./data:${data}"`);
    await writeFile(shop, `SQLite format 3\0${String.fromCodePoint(16, 0, 2, 2)}`);
    expect(await unmounted([file(shop)], [mounted(shop)])).toHaveLength(1);
  });

  it('tells each file by its own, and leaves what it does not see to that', async () => {
    const found = await problems([file('/one/a.sqlite'), file('/two/b.sqlite', { alias: 'other' })], []);
    expect(found.unmounted).toHaveLength(2);
    expect(found.unmounted[1]).toMatch(/^Database "other": /);
    expect(found.unusable).toEqual([]);
  });
});

asRoot("fileProblems with files of others' users", () => {
  const unusable = async (readOnly = true, own?: OwnMounts) =>
    (await problems([file(shop, { readOnly })], own)).unusable;

  it.each([
    ['can not read', 0o640, true, (path: string) => `can't read ${path}: chmod o+r ${path}`],
    ['can not write', 0o644, false, (path: string) => `can't read and write ${path}: chmod o+rw ${path}`],
  ])('names one that engines %s, and the chmod', async (_what, mode, readOnly, told) => {
    await chmod(shop, mode);
    await chmod(data, 0o777);
    expect(await unusable(readOnly)).toEqual([`Database "shop": engines, user 1000, ${told(shop)}`]);
    expect(await unusable(readOnly, [mounted(data)])).toHaveLength(1);
  });

  it('goes by the bits of the owner or the group where those are of engines', async () => {
    await chmod(shop, 0o400);
    await chown(shop, 1000, 0);
    expect(await unusable()).toEqual([]);
    await chmod(shop, 0o004);
    expect(await unusable()).toHaveLength(1);
    await chown(shop, 0, 1000);
    expect(await unusable()).toHaveLength(1);
    await chmod(shop, 0o040);
    expect(await unusable()).toEqual([]);
  });

  it('needs no way to a file that is mounted by itself', async () => {
    await chmod(data, 0o700);
    expect(await unusable()).toEqual([]);
  });

  it('names the folder that engines must write to, too', async () => {
    await chmod(shop, 0o666);
    expect(await unusable(false)).toEqual([
      `Database "shop": engines, user 1000, can't read and write ${data}: chmod o+rwx ${data}`,
    ]);
    await chmod(data, 0o777);
    expect(await unusable(false)).toEqual([]);
  });

  it('names a folder of extensions that is closed to engines', async () => {
    await chmod(data, 0o754);
    expect((await problems([], undefined, data)).unusable).toEqual([
      `Extensions: engines, user 1000, can't read ${data}: chmod o+rx ${data}`,
    ]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeScratch } from '@pondpilot/testing';
import { file, server } from './docker.harness.js';
import { mountsFor, type OwnMounts } from './mounts.js';

let data = '';
let shop = '';

beforeEach(async () => {
  data = await makeScratch();
  shop = await put('shop.sqlite');
});
afterEach(() => rm(data, { recursive: true, force: true }));

/** A file under the folder of data, with a write-ahead log where it is to be a SQLite database that has one. */
async function put(name: string, withLog = false): Promise<string> {
  const path = join(data, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, withLog ? `SQLite format 3\0${String.fromCodePoint(16, 0, 2, 2)}` : '');
  return path;
}

type OwnMount = NonNullable<OwnMounts>[number];

function mounted(destination: string, changed: Partial<OwnMount> = {}): OwnMount {
  const source = `/srv/of${destination}`;
  return {
    Type: 'bind',
    Source: source,
    Destination: destination,
    Mode: '',
    RW: true,
    Propagation: '',
    ...changed,
  };
}

const bind = (source: string, target = source, readOnly = true) => ({
  Type: 'bind',
  Source: source,
  Target: target,
  ReadOnly: readOnly,
});

describe('mounts for a proxy on the host', () => {
  const mounts = (...databases: Parameters<typeof mountsFor>[0]) =>
    mountsFor(databases, undefined, undefined);

  it('are the files themselves, at the same paths and read-only', async () => {
    const stock = await put('stock.duckdb');
    expect(mounts(file(shop), file(`duckdb://${stock}`, { type: 'duckdb' }))).toEqual([
      bind(shop),
      bind(stock),
    ]);
  });

  it('leave out what lies beside them', async () => {
    await put('private.sqlite');
    expect(mounts(file(shop))).toEqual([bind(shop)]);
  });

  it('have the companions that are there', async () => {
    const journal = await put('shop.sqlite-journal');
    const wal = await put('stock.duckdb.wal');
    const stock = await put('stock.duckdb');
    expect(mounts(file(shop), file(stock, { type: 'duckdb' }))).toEqual(
      [shop, journal, stock, wal].map((path) => bind(path)),
    );
  });

  it('leave out what is not there: Docker would refuse the container', () => {
    expect(mounts(file(join(data, 'none.sqlite')))).toEqual([]);
  });

  it('are none for servers', () =>
    expect(mounts(server('postgres://ann:secret@db.example/sales'))).toEqual([]));

  it('have the folder of a database with a write-ahead log, which comes and goes', async () => {
    const logged = await put('logged/shop.sqlite', true);
    expect(mounts(file(logged))).toEqual([bind(join(data, 'logged'))]);
  });

  it('have the folder of one that is written to, and may write there', () => {
    expect(mounts(file(shop, { readOnly: false }))).toEqual([bind(data, data, false)]);
  });

  it.each([
    [true, false],
    [false, true],
  ])('may write where one of two databases does (%p, then %p)', async (...readOnly) => {
    const logged = await put('logged.sqlite', true);
    const databases = readOnly.map((each) => file(logged, { readOnly: each }));
    expect(mounts(...databases)).toEqual([bind(data, data, false)]);
  });

  it('name a file once that two databases share', () => {
    expect(mounts(file(shop), file(shop, { alias: 'again' }))).toEqual([bind(shop)]);
  });

  it("have the operator's extensions, read-only", () => {
    expect(mountsFor([], data, undefined)).toEqual([bind(data)]);
  });

  it('survive a folder in the place of a file', async () => {
    await mkdir(join(data, 'folder.sqlite'));
    expect(() => mounts(file(join(data, 'folder.sqlite')))).not.toThrow();
  });
});

describe('mounts for a proxy in a container', () => {
  const mounts = (own: OwnMount[], ...databases: Parameters<typeof mountsFor>[0]) =>
    mountsFor(databases, undefined, own);

  it("have the host's paths, and the proxy's in the engine", () => {
    expect(mounts([mounted(data)], file(shop))).toEqual([bind(`/srv/of${shop}`, shop)]);
  });

  it('find the path behind a local volume, so that engines get the file alone', () => {
    const volume = mounted(data, {
      Type: 'volume',
      Name: 'shop',
      Driver: 'local',
      Source: '/volumes/shop/_data',
    });
    expect(mounts([volume], file(shop))).toEqual([bind('/volumes/shop/_data/shop.sqlite', shop)]);
  });

  it('have a file that is mounted by itself', () => {
    expect(mounts([mounted(shop, { Source: '/srv/one-file' })], file(shop))).toEqual([
      bind('/srv/one-file', shop),
    ]);
  });

  it('have the whole volume of a driver that has no path on the host', () => {
    const volume = mounted(data, { Type: 'volume', Name: 'far', Driver: 'nfs-plugin', Source: '' });
    expect(mounts([volume], file(shop))).toEqual([
      { Type: 'volume', Source: 'far', Target: data, ReadOnly: true },
    ]);
  });

  // Docker refuses a container with two mounts at one place.
  it.each([
    [true, true],
    [false, true],
    [true, false],
  ])('name such a volume once for all files in it (read-only: %p, %p)', async (...readOnly) => {
    const volume = mounted(data, { Type: 'volume', Name: 'far', Driver: 'nfs-plugin', Source: '' });
    const databases = [
      file(shop, { readOnly: readOnly[0]! }),
      file(await put('b.sqlite'), { readOnly: readOnly[1]! }),
    ];
    expect(mounts([volume], ...databases)).toEqual([
      { Type: 'volume', Source: 'far', Target: data, ReadOnly: readOnly.every(Boolean) },
    ]);
  });

  it('go by the nearest of nested mounts', async () => {
    const deep = await put('inner/deep.sqlite');
    const own = [mounted('/'), mounted(join(data, 'inner'), { Source: '/srv/near' }), mounted(data)];
    expect(mounts(own, file(deep))).toEqual([bind('/srv/near/deep.sqlite', deep)]);
  });

  it('are not misled by a mount whose name begins alike', () => {
    expect(mounts([mounted(data.slice(0, -1))], file(shop))).toEqual([]);
  });

  it('find names that begin with two dots', async () => {
    const odd = await put('..data/shop.sqlite');
    expect(mounts([mounted(data)], file(odd))).toEqual([bind(`/srv/of${odd}`, odd)]);
  });

  it("leave out what lies in no mount, or in the proxy's own memory", () => {
    expect(mounts([mounted('/elsewhere')], file(shop))).toEqual([]);
    expect(mounts([mounted(data, { Type: 'tmpfs', Source: '' })], file(shop))).toEqual([]);
  });

  it('leave out what the proxy sees a mount for, but no file', async () => {
    await chmod(data, 0o755);
    expect(mounts([mounted(data)], file(join(data, 'none.sqlite')))).toEqual([]);
  });
});

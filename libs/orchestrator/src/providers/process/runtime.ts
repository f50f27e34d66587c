import { randomId } from '@pondpilot/kernel';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, link, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { ProcessProviderOptions } from './options.js';
import { RUNTIME_PREFIX, type StateDirectory } from './state-directory.js';

/** What an engine is run with. */
export interface Runtime {
  /** The folder that it was staged to; undefined where it is run in place. */
  readonly folder: string | undefined;
  readonly node: string;
  readonly entry: string;
  readonly duckdbLibrary: string;
  readonly extensionDirectory: string | undefined;
}

/** One file to stage: from where, and to where below the runtime's folder. */
interface Item {
  readonly from: string;
  readonly to: string;
}

/** Smaller files are copied: a build that writes them in place must not reach what is staged. */
const LINK_FROM_BYTES = 16 * 1024 * 1024;
const OTHERS_READ = 0o005;
const OTHERS_WRITE = 0o022;

/** What the options name, run where it lies. */
export function runtimeInPlace(options: ProcessProviderOptions): Runtime {
  const { node, entry, duckdbLibrary, extensionDirectory } = options;
  return { folder: undefined, node, entry, duckdbLibrary, extensionDirectory };
}

/**
 * Puts all that an engine needs where users other than root can read and none can write, once for each version of
 * it: `runtime-<fingerprint>` in the state directory. Proxies that start at once stage it side by side, and the
 * first one's is used by all.
 */
export async function stageRuntime(options: ProcessProviderOptions, state: StateDirectory): Promise<Runtime> {
  const items = await itemsOf(options);
  const folder = join(state.path, RUNTIME_PREFIX + (await fingerprint(items)));
  await state.useRuntime(folder);
  if (!existsSync(folder))
    await stageTo(folder, items, join(state.folder, `${basename(folder)}-${randomId(4)}`));
  return {
    folder,
    node: join(folder, 'bin/node'),
    entry: join(folder, 'engine', basename(options.entry)),
    duckdbLibrary: join(folder, 'lib', basename(options.duckdbLibrary)),
    extensionDirectory: options.extensionDirectory && join(folder, 'extensions'),
  };
}

async function itemsOf(options: ProcessProviderOptions): Promise<Item[]> {
  const home = dirname(options.entry);
  const beside = (path: string) => {
    const place = relative(home, path);
    return join('engine', place.startsWith('..') ? basename(path) : place);
  };
  const roots: Item[] = [
    { from: options.node, to: 'bin/node' },
    { from: options.duckdbLibrary, to: join('lib', basename(options.duckdbLibrary)) },
    ...[options.entry, ...(options.files ?? [])].map((from) => ({ from, to: beside(from) })),
  ];
  if (options.extensionDirectory) roots.push({ from: options.extensionDirectory, to: 'extensions' });
  return (await Promise.all(roots.map(filesBelow))).flat();
}

/** The item itself where it is a file, else all files in that folder. */
async function filesBelow(item: Item): Promise<Item[]> {
  if (!(await stat(item.from)).isDirectory()) return [item];
  const names = await readdir(item.from);
  const inside = names.map((name) => ({ from: join(item.from, name), to: join(item.to, name) }));
  return (await Promise.all(inside.map(filesBelow))).flat();
}

async function fingerprint(items: Item[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { from, to } of items.toSorted((a, b) => (a.to < b.to ? -1 : 1))) {
    const { size, mtimeNs } = await stat(from, { bigint: true });
    hash.update(`${from}\0${to}\0${size}\0${mtimeNs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

async function stageTo(folder: string, items: Item[], draft: string): Promise<void> {
  await mkdir(draft, { recursive: true, mode: 0o755 });
  try {
    for (const item of items) await stageFile(item.from, join(draft, item.to), draft);
    await chmod(draft, 0o755);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

async function stageFile(from: string, to: string, top: string): Promise<void> {
  await makeFolders(dirname(to), top);
  const { size, mode, uid } = await stat(from);
  const safe = uid === 0 && (mode & OTHERS_WRITE) === 0 && (mode & OTHERS_READ) === OTHERS_READ;
  if (safe && size >= LINK_FROM_BYTES && (await linked(from, to))) return;
  await copyFile(from, to);
  await chmod(to, 0o755);
}

/** Like `mkdir -p`, but readable by all whatever the umask. */
async function makeFolders(folder: string, top: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let path = folder; path.startsWith(top + sep); path = dirname(path)) await chmod(path, 0o755);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    // `link` on a symbolic link links that, which leads nowhere from here.
    await link(await realpath(from), to);
    return true;
  } catch {
    // Another file system, or one without links.
    return false;
  }
}

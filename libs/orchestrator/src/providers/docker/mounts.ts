import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { parseFilePath } from '@pondpilot/kernel';
import type Docker from 'dockerode';
import { COMPANIONS, hasLog } from '../common/database-companions.js';
import { LAYOUT } from './layout.js';

/** What the proxy's own container has mounted; undefined where the proxy runs on the host. */
export type OwnMounts = Docker.ContainerInspectInfo['Mounts'] | undefined;

/** What an engine needs of the proxy's file system. */
interface Wanted {
  readonly path: string;
  readonly readOnly: boolean;
  readonly kind: 'file' | 'folder';
  /** For messages. */
  readonly name: string;
}

/**
 * Mounts of all files that engines read, at the same paths. What is in no mount of the proxy's container, or is not there,
 * is left out: `fileProblems` tells it.
 */
export function mountsFor(
  databases: readonly AttachedDatabase[],
  extensionDirectory: string | undefined,
  own: OwnMounts,
): Docker.MountSettings[] {
  const mounts = new Map<string, Docker.MountSettings>();
  for (const { path, readOnly } of allWanted(databases, extensionDirectory)) {
    const mount = existsSync(path) ? mountOf(path, own) : undefined;
    if (!mount) continue;
    // By the place in the engine: it can hold one mount only, and several files may share one.
    const writable = mounts.get(mount.Target)?.ReadOnly === false;
    mounts.set(mount.Target, { ...mount, ReadOnly: readOnly && !writable });
  }
  return [...mounts.values()];
}

/** Files that engines will not be able to use, each with what to do. */
export interface FileProblems {
  /** In no mount of the proxy's container: only another one helps. */
  readonly unmounted: readonly string[];
  /** Not there, or closed to engines. */
  readonly unusable: readonly string[];
}

export async function fileProblems(
  databases: readonly AttachedDatabase[],
  extensionDirectory: string | undefined,
  own: OwnMounts,
): Promise<FileProblems> {
  const wanted = [...databases.flatMap(fileOf), ...extensionFolder(extensionDirectory)];
  const mounted = wanted.filter((file) => mountOf(neededFor(file).path, own));
  const problems = await Promise.all(mounted.map((file) => problemOf(file)));
  return {
    unmounted: wanted.filter((file) => !mounted.includes(file)).map(unmounted),
    unusable: problems.filter((problem) => problem !== undefined),
  };
}

function unmounted({ path, readOnly, kind, name }: Wanted): string {
  // A folder comes with what will lie beside the file, but nothing is mounted over the root.
  const place = kind === 'folder' || dirname(path) === '/' ? path : dirname(path);
  const line = `- ./${basename(place)}:${place}${readOnly ? ':ro' : ''}`;
  return `${name}: ${path} lies in no mount of the proxy's container, so engines can't have it: add "${line}" to its volumes.`;
}

async function problemOf(file: Wanted): Promise<string | undefined> {
  const needed = neededFor(file);
  return (await ownProblemOf(file)) ?? (needed === file ? undefined : await ownProblemOf(needed));
}

async function ownProblemOf({ path, readOnly, kind, name }: Wanted): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return `${name}: ${path} is not there, or the proxy can't see it: check the path.`;
  if (kind === 'file' && found.isDirectory())
    return `${name}: ${path} is a folder. Docker makes one where a volume's source is not there: check the path on the host.`;
  const verb = readOnly ? 'read' : 'read and write';
  const wanted = (readOnly ? 4 : 6) | (found.isDirectory() ? 1 : 0);
  if ((rightsOf(found) & wanted) === wanted) return undefined;
  const letters = `${readOnly ? 'r' : 'rw'}${found.isDirectory() ? 'x' : ''}`;
  return `${name}: engines, user ${LAYOUT.user}, can't ${verb} ${path}: chmod o+${letters} ${path}`;
}

/** What an engine's user may do, as the last three bits. */
function rightsOf({ mode, uid, gid }: { mode: number; uid: number; gid: number }): number {
  if (uid === LAYOUT.user) return (mode >> 6) & 7;
  if (gid === LAYOUT.user) return (mode >> 3) & 7;
  return mode & 7;
}

function allWanted(databases: readonly AttachedDatabase[], extensionDirectory: string | undefined): Wanted[] {
  return [...databases.flatMap(fileOf).flatMap(withCompanions), ...extensionFolder(extensionDirectory)];
}

function extensionFolder(path: string | undefined): Wanted[] {
  return path === undefined ? [] : [{ path, readOnly: true, kind: 'folder', name: 'Extensions' }];
}

function fileOf({ alias, type, connectionString, readOnly }: AttachedDatabase): Wanted[] {
  if (type !== 'sqlite' && type !== 'duckdb') return [];
  const path = resolve(parseFilePath(connectionString));
  return [{ path, readOnly, kind: 'file', name: `Database "${alias}"` }];
}

/**
 * Who writes makes and removes files beside the database, and who reads a write-ahead log finds one that was made
 * meanwhile: both need the folder. All others get the file alone, as others' may lie beside it.
 */
function neededFor(file: Wanted): Wanted {
  const inFolder = file.kind === 'file' && (!file.readOnly || hasLog(file.path));
  return inFolder ? { ...file, path: dirname(file.path), kind: 'folder' } : file;
}

function withCompanions(file: Wanted): Wanted[] {
  const needed = neededFor(file);
  if (needed !== file) return [needed];
  return COMPANIONS.map((ending) => ({ ...file, path: file.path + ending }));
}

/** Where a path of the proxy is for the daemon; undefined where it lies in no mount of the proxy's container. */
function mountOf(path: string, own: OwnMounts): Docker.MountSettings | undefined {
  if (!own) return bind(path, path);
  const containing = own.filter(({ Destination }) => isWithin(path, Destination));
  const nearest = containing.toSorted((a, b) => b.Destination.length - a.Destination.length)[0];
  // What lies in the proxy's own memory is nowhere on the host.
  if (!nearest || nearest.Type === 'tmpfs') return undefined;
  const { Type, Name, Source, Destination, Driver } = nearest;
  // A volume of another driver has no path on the host: engines get all of it.
  if (Type === 'volume' && Driver !== 'local' && Name)
    return { Type: 'volume', Source: Name, Target: Destination };
  return bind(join(Source, relative(Destination, path)), path);
}

const bind = (source: string, target: string): Docker.MountSettings => ({
  Type: 'bind',
  Source: source,
  Target: target,
});

function isWithin(path: string, folder: string): boolean {
  const place = relative(folder, path);
  return place !== '..' && !place.startsWith('../');
}

import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { parseFilePath } from '@pondpilot/kernel';
import type Docker from 'dockerode';
import { hasLog } from './sqlite-log.js';
import { LAYOUT } from './layout.js';

/** What the proxy's own container has mounted; undefined where the proxy runs on the host. */
export type OwnMounts = Docker.ContainerInspectInfo['Mounts'] | undefined;

/** What an engine needs of the proxy's file system. */
interface Wanted {
  readonly path: string;
  readonly readOnly: boolean;
  /** For messages. */
  readonly name: string;
}

/** Files beside a database's own, which hold what is not yet in it. */
const COMPANIONS = ['', '.wal', '-wal', '-shm', '-journal'];

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
    const writable = mounts.get(path)?.ReadOnly === false;
    mounts.set(path, { ...mount, ReadOnly: readOnly && !writable });
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
  const mounted = wanted.filter(({ path }) => mountOf(path, own));
  const problems = await Promise.all(mounted.map((file) => problemOf(file)));
  return {
    unmounted: wanted.filter((file) => !mounted.includes(file)).map(unmounted),
    unusable: problems.filter((problem) => problem !== undefined),
  };
}

function unmounted({ path, readOnly, name }: Wanted): string {
  const folder = dirname(path);
  const line = `- ./${basename(folder)}:${folder}${readOnly ? ':ro' : ''}`;
  return `${name}: ${path} lies in no mount of the proxy's container, so engines can't have it: add "${line}" to its volumes.`;
}

async function problemOf({ path, readOnly, name }: Wanted): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return `${name}: ${path} is not there, or the proxy can't see it: check the path.`;
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
  return path === undefined ? [] : [{ path, readOnly: true, name: 'Extensions' }];
}

function fileOf({ alias, type, connectionString, readOnly }: AttachedDatabase): Wanted[] {
  if (type !== 'sqlite' && type !== 'duckdb') return [];
  return [{ path: resolve(parseFilePath(connectionString)), readOnly, name: `Database "${alias}"` }];
}

/**
 * Who writes makes and removes files beside the database, and who reads a write-ahead log finds one that was made
 * meanwhile: both need the folder. All others get the file alone, as others' may lie beside it.
 */
function withCompanions(file: Wanted): Wanted[] {
  const folder = { ...file, path: dirname(file.path) };
  if (!file.readOnly || hasLog(file.path)) return [folder];
  return COMPANIONS.map((ending) => ({ ...file, path: file.path + ending }));
}

/** Where a path of the proxy is for the daemon; undefined where it lies in no mount of the proxy's container. */
function mountOf(path: string, own: OwnMounts): Docker.MountSettings | undefined {
  if (!own) return bind(path, path);
  const containing = own.filter(({ Destination }) => isWithin(path, Destination));
  const nearest = containing.toSorted((a, b) => b.Destination.length - a.Destination.length)[0];
  if (!nearest) return undefined;
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
  return place === '' || (!place.startsWith('..') && !place.startsWith('/'));
}

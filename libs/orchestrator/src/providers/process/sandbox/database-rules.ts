import { dirname, isAbsolute, resolve } from 'node:path';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { parseConnectionString, parseFilePath } from '@pondpilot/kernel';
import { COMPANIONS, hasLog } from '../../common/database-companions.js';
import { allowConnect, allowPath, type Rule } from './landlock.js';

/** Rights on files that are read, and on folders that are written to. */
export interface FileRights {
  readonly read: number;
  readonly write: number;
}

/** What databases need of the machine: files and their folders, ports of servers. */
export function databaseRules(databases: readonly AttachedDatabase[], rights: FileRights): Rule[] {
  return databases.flatMap((database) =>
    database.type === 'postgres' || database.type === 'mysql'
      ? serverRules(database.type, database.connectionString, rights)
      : fileRules(database, rights),
  );
}

/**
 * Who writes makes and removes files beside the database, and who reads a write-ahead log finds one that was made
 * meanwhile: both need the folder. All others get the file alone, as others' may lie beside it.
 */
function fileRules(
  { type, connectionString, readOnly }: AttachedDatabase,
  { read, write }: FileRights,
): Rule[] {
  const path = resolve(parseFilePath(connectionString));
  if (!readOnly) return [allowPath(dirname(path), write)];
  if (type === 'sqlite' && hasLog(path)) return [allowPath(dirname(path), read)];
  return COMPANIONS.map((ending) => allowPath(path + ending, read));
}

/** Its port, and the certificates and keys that its options name. */
function serverRules(type: 'postgres' | 'mysql', connectionString: string, { read }: FileRights): Rule[] {
  const address = parseConnectionString(type, connectionString);
  if ('problem' in address) return [];
  const paths = Object.values(address.options).filter((value) => isAbsolute(value));
  return [allowConnect(address.port), ...paths.map((path) => allowPath(path, read))];
}

/** PostgreSQL's client takes a host that is a path for the folder of the server's socket; MySQL's has an option. */
export function needsUnixSocket(databases: readonly AttachedDatabase[]): boolean {
  return databases.some(({ type, connectionString }) => {
    if (type !== 'postgres' && type !== 'mysql') return false;
    const address = parseConnectionString(type, connectionString);
    return 'host' in address && (address.host.startsWith('/') || 'socket' in address.options);
  });
}

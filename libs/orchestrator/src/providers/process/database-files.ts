import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { closedParent } from './closed-parent.js';

/** The path of a database that is a file; undefined for servers. */
function databaseFile(database: AttachedDatabase): string | undefined {
  const isFile = database.type === 'sqlite' || database.type === 'duckdb';
  return isFile ? resolve(database.connectionString) : undefined;
}

/**
 * Why engines can't use this file, and what to do; undefined where they can. With `ownUser` the file must be open to
 * everyone, as an engine's user is in no group; else to the proxy's own user.
 */
export async function fileProblem(database: AttachedDatabase, ownUser: boolean): Promise<string | undefined> {
  const path = databaseFile(database);
  if (path === undefined) return undefined;
  const named = `Database "${database.alias}": engines can't`;
  const found = await stat(path).catch(() => undefined);
  if (!found) return `${named} find ${path}: check the path in attached_databases.`;
  const verb = database.readOnly ? 'read' : 'read and write';
  const letters = database.readOnly ? 'r' : 'rw';
  if (!ownUser) {
    const mode = database.readOnly ? constants.R_OK : constants.R_OK | constants.W_OK;
    const allowed = await access(path, mode).then(
      () => true,
      () => false,
    );
    return allowed ? undefined : `${named} ${verb} ${path}: allow it to user ${process.getuid?.()}.`;
  }
  const needed = database.readOnly ? 0o004 : 0o006;
  if ((found.mode & needed) !== needed) return `${named} ${verb} ${path}: chmod o+${letters} ${path}`;
  const closed = await closedParent(path);
  return closed === undefined ? undefined : `${named} reach ${path}: chmod o+x ${closed}`;
}

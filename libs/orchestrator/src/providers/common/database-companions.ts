import { closeSync, openSync, readSync } from 'node:fs';

/** Files beside a database's own, which hold what is not yet in it. */
export const COMPANIONS = ['', '.wal', '-wal', '-shm', '-journal'];

/** Where SQLite's header tells how its file is read, and what stands there with a write-ahead log (sqlite.org/fileformat.html). */
const READ_VERSION_AT = 19;
const WITH_LOG = 2;

/** Is this a SQLite database with a write-ahead log? */
export function hasLog(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    const header = Buffer.alloc(READ_VERSION_AT + 1);
    readSync(fd, header, 0, header.length, 0);
    return header.toString('latin1', 0, 6) === 'SQLite' && header[READ_VERSION_AT] === WITH_LOG;
  } catch {
    // A folder, in the place of a file.
    return false;
  } finally {
    closeSync(fd);
  }
}

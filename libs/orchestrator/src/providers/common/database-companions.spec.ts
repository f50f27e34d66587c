import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeScratch } from '@pondpilot/testing';
import { hasLog } from './database-companions.js';

let scratch = '';
beforeAll(async () => {
  scratch = await makeScratch();
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The first bytes of a SQLite file: its name, page size, and how it is written and read. */
const header = (readVersion: number, name = 'SQLite format 3\0') =>
  Buffer.concat([
    Buffer.from(name, 'latin1'),
    Buffer.from([0x10, 0, readVersion, readVersion]),
    Buffer.alloc(80),
  ]);

describe('hasLog', () => {
  it.each([
    ['has one', header(2), true],
    ['has none', header(1), false],
    ['is something else', header(2, 'DuckDB format 3\0'), false],
    ['is empty', Buffer.alloc(0), false],
    ['is cut', header(2).subarray(0, 19), false],
  ])('of a file that %s', async (name, bytes, expected) => {
    const path = join(scratch, name);
    await writeFile(path, bytes);
    expect(hasLog(path)).toBe(expected);
  });

  it('of what is not there', () => expect(hasLog(join(scratch, 'none'))).toBe(false));

  // Docker makes a folder of what a mount names and is not there.
  it('of a folder in the place of a file', async () => {
    const path = join(scratch, 'folder.sqlite');
    await mkdir(path);
    expect(hasLog(path)).toBe(false);
  });
});

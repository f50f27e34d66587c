import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tableFromIPC, type Table } from 'apache-arrow';
import { Database } from './database.js';
import { duckdbLibraryPath } from './library-path.js';
import type { Result } from './result.js';
import type { Session } from './session.js';

let directory: string;
let database: Database;
let session: Session;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'duckdb-spec-'));
  database = await Database.open({
    duckdbLibrary: duckdbLibraryPath(),
    memoryBytes: 512 * 1024 ** 2,
    cpus: 1,
    tempDirectory: join(directory, 'spill'),
    extensionDirectory: undefined,
    onCrash: (error) => {
      throw error;
    },
    // Threads need compiled code: `tsc -b` comes before the specs.
    threadEntry: new URL('../dist/worker/thread.js', import.meta.url),
  });
  await database.lock();
  session = await database.openSession();
});

afterAll(async () => {
  await session.close();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

it('gives back memory while it works', async () => {
  const result = await session.execute('FROM range(100000)');
  database.releaseMemory();
  expect((await read(result)).table.numRows).toBe(100_000);
});

/** An IPC stream of all messages of a result. */
async function read(result: Result): Promise<{ table: Table; batches: number[]; bodies: number[] }> {
  const parts = [encapsulated(result.schema)];
  const batches: number[] = [];
  const bodies: number[] = [];
  for (let message = await result.next(); message; message = await result.next()) {
    const { buffer, headerStart, headerBytes, bodyStart, bodyBytes, rows } = message;
    parts.push(encapsulated(buffer.subarray(headerStart, headerStart + headerBytes)));
    parts.push(Buffer.from(buffer.subarray(bodyStart, bodyStart + bodyBytes)));
    if (rows > 0) batches.push(rows);
    bodies.push(bodyBytes);
    message.release();
  }
  await result.close();
  return { table: tableFromIPC(Buffer.concat(parts)), batches, bodies };
}

function encapsulated(header: Uint8Array): Buffer {
  const padded = Math.ceil(header.byteLength / 8) * 8;
  const message = Buffer.alloc(8 + padded);
  message.writeUInt32LE(0xffff_ffff, 0);
  message.writeInt32LE(padded, 4);
  message.set(header, 8);
  return message;
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const { table } = await read(await session.execute(sql));
  return table.toArray().map((row) => row.toJSON() as Record<string, unknown>);
}

describe('results', () => {
  it('carry values, nulls, strings, booleans and enums over many chunks of odd sizes', async () => {
    const rows = await query(`
      SELECT i, i % 3 = 0 AS flag, CASE WHEN i % 7 = 0 THEN NULL ELSE 'row ' || i END AS text,
             (CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END)::ENUM('even', 'odd') AS kind
      FROM (SELECT range::INT AS i FROM range(50000)) WHERE i % 5 <> 0`);
    expect(rows).toHaveLength(40_000);
    for (const { i, flag, text, kind } of rows as {
      i: number;
      flag: boolean;
      text: string | null;
      kind: string;
    }[]) {
      if (
        flag !== (i % 3 === 0) ||
        text !== (i % 7 === 0 ? null : `row ${i}`) ||
        kind !== (i % 2 ? 'odd' : 'even')
      )
        throw new Error(`Row ${i} is wrong: ${flag} ${text} ${kind}`);
    }
  });

  it('carry lists, structs and maps, with nulls at each level', async () => {
    const rows = await query(`
      SELECT i, CASE WHEN i % 4 = 0 THEN NULL ELSE [i, NULL, i + 1] END AS l, {'a': i, 'b': ['x' || i]} AS s,
             MAP {'k' || i: i} AS m
      FROM (SELECT range::INT AS i FROM range(10000)) WHERE i % 3 <> 1`);
    const at = (index: number) => JSON.parse(JSON.stringify(rows[index])) as unknown;
    expect(at(0)).toEqual({ i: 0, l: null, s: { a: 0, b: ['x0'] }, m: { k0: 0 } });
    expect(at(6000)).toEqual({ i: 9000, l: null, s: { a: 9000, b: ['x9000'] }, m: { k9000: 9000 } });
    expect(at(6001)).toEqual({
      i: 9002,
      l: [9002, null, 9003],
      s: { a: 9002, b: ['x9002'] },
      m: { k9002: 9002 },
    });
  });

  it('begin with a small batch and go on with larger ones', async () => {
    const { batches } = await read(await session.execute('SELECT range FROM range(100000)'));
    expect(batches[0]).toBe(2048);
    expect(Math.max(...batches)).toBeGreaterThan(8192);
    expect(batches.reduce((sum, rows) => sum + rows, 0)).toBe(100_000);
  });

  it('are cut so that wide rows do not make huge messages', async () => {
    const { table, bodies } = await read(
      await session.execute(`SELECT repeat('x', 300000) AS big FROM range(50)`),
    );
    expect(table.numRows).toBe(50);
    expect(Math.max(...bodies)).toBeLessThan(2.5 * 1024 ** 2);
  });

  it('carry a single row that is larger than a batch should be', async () => {
    const { table } = await read(await session.execute(`SELECT repeat('y', 6000000) AS big, 1 AS one`));
    expect(String(table.get(0)?.['big'])).toHaveLength(6_000_000);
  });

  it('have a schema even where they have no rows', async () => {
    const { table } = await read(await session.execute('SELECT 1 AS a, NULL::VARCHAR AS b WHERE false'));
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(table.numRows).toBe(0);
  });

  it('tell how many rows a statement changed', async () => {
    await read(await session.execute('CREATE TABLE changed (i INT)'));
    const result = await session.execute('INSERT INTO changed SELECT range FROM range(7)');
    expect(result.rowsChanged).toBe(7);
    await result.close();
  });
});

describe('describing a statement', () => {
  it('tells the schema without running the statement', async () => {
    await query('CREATE TABLE untouched (i INT)');
    const described = await session.describe('INSERT INTO untouched VALUES (1)');
    expect(described.countsOnly).toBe(true);
    expect(await query('SELECT count(*)::INT AS n FROM untouched')).toEqual([{ n: 0 }]);
  });

  it('tells a change that returns rows from one that counts', async () => {
    await query('CREATE TABLE given_back (i INT)');
    expect((await session.describe('INSERT INTO given_back VALUES (1) RETURNING i')).countsOnly).toBe(false);
    expect((await session.describe('SELECT 1 AS "Count"')).countsOnly).toBe(false);
  });

  it('names parameters and their types, null where there is none yet', async () => {
    const fields = async (sql: string) => {
      const { parameterSchema } = await session.describe(sql);
      const { schema } = tableFromIPC(encapsulated(parameterSchema!));
      return schema.fields.map(({ name, type }) => [name, String(type)]);
    };
    expect(await fields('SELECT range FROM range(3) WHERE range > ? AND ?')).toEqual([
      ['1', 'Int64'],
      ['2', 'Bool'],
    ]);
    expect(await fields('SELECT $b, $a')).toEqual([
      ['b', 'Null'],
      ['a', 'Null'],
    ]);
    expect((await session.describe('SELECT 1')).parameterSchema).toBeUndefined();
  });
});

describe('errors', () => {
  it.each([
    ['SELEC 1', 'invalid_argument', 'Parser Error'],
    ['SELECT * FROM nowhere', 'invalid_argument', 'Catalog Error'],
    [`SELECT 'x'::INT`, 'invalid_argument', 'Conversion Error'],
    [`SELECT error('no ' || range) FROM range(3)`, 'invalid_argument', 'no 0'],
    [`FROM read_csv('/etc/passwd')`, 'permission_denied', 'Permission Error'],
    [`COPY (SELECT 1) TO '/tmp/leak.csv'`, 'permission_denied', 'Permission Error'],
    [`ATTACH '/tmp/leak.duckdb'`, 'permission_denied', 'ATTACH is not allowed'],
    [`ATTACH '/tmp/leak.sqlite' (TYPE sqlite)`, 'permission_denied', 'ATTACH is not allowed'],
    ['DETACH memory', 'permission_denied', 'DETACH is not allowed'],
    ['EXPORT DATABASE $$/tmp/leak$$', 'permission_denied', 'Permission Error'],
    [`SET memory_limit = '10GB'`, 'invalid_argument', 'locked'],
    [`SET enable_external_access = true`, 'invalid_argument', 'enable_external_access'],
    ['LOAD httpfs', 'permission_denied', 'LOAD and INSTALL are not allowed'],
  ])('%s', async (sql, kind, text) => {
    const failed = read(await session.execute('SELECT 1')).then(() => query(sql));
    await expect(failed).rejects.toMatchObject({ kind, message: expect.stringContaining(text) });
  });

  it('leave the session usable', async () => {
    await expect(query('SELECT * FROM nowhere')).rejects.toThrow('nowhere does not exist');
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('cancelling', () => {
  it('stops a statement that has not answered yet', async () => {
    const abort = new AbortController();
    const running = session.execute('SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b', {
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(), 50);
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('stops a statement that is cancelled before it starts', async () => {
    const aborted = AbortSignal.abort();
    const running = session.execute('SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b', {
      signal: aborted,
    });
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('ends an endless result when it is closed in the middle', async () => {
    const result = await session.execute('SELECT range FROM range(1000000000000)');
    (await result.next())?.release();
    await result.close();
    expect(await query('SELECT 2 AS two')).toEqual([{ two: 2 }]);
  });
});

describe('sessions', () => {
  it('keep their temporary tables to themselves and share the others', async () => {
    const other = await database.openSession();
    await query('CREATE TEMP TABLE mine (i INT)');
    await query('CREATE TABLE ours (i INT)');
    await (await other.execute('FROM ours')).close();
    await expect(other.execute('FROM mine')).rejects.toThrow('mine does not exist');
    await other.close();
  });

  it('run statements while results of theirs are open', async () => {
    const open = await Promise.all(
      Array.from({ length: 6 }, () => session.execute('SELECT range FROM range(1000000000000)')),
    );
    expect(await query('SELECT 3 AS three')).toEqual([{ three: 3 }]);
    for (const result of open) (await result.next())?.release();
    await Promise.all(open.map((result) => result.close()));
  });
});

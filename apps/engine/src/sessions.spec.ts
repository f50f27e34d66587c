import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, duckdbLibraryPath } from '@pondpilot/duckdb';
import { ManualClock } from '@pondpilot/kernel';
import { readRows } from './read-rows.js';
import { Sessions } from './sessions.js';
import type { Transaction } from './transaction.js';

const IDLE_MS = 300_000;
const MINUTE = 60_000;

let folder: string;
let database: Database;
let clock: ManualClock;
let sessions: Sessions;
let closed: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sessions-spec-'));
  database = await Database.open({
    duckdbLibrary: duckdbLibraryPath(),
    memoryBytes: 512 * 1024 ** 2,
    cpus: 1,
    tempDirectory: join(folder, 'spill'),
    extensionDirectory: undefined,
    onCrash: (error) => {
      throw error;
    },
    threadEntry: new URL('../../../libs/duckdb/dist/worker/thread.js', import.meta.url),
  });
  await database.lock();
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  clock = new ManualClock();
  closed = [];
  const onClose = (name: string) => closed.push(name);
  sessions = new Sessions(database, { clock, transactionIdleMs: IDLE_MS, onClose });
  await run('CREATE OR REPLACE TABLE t (i INT)');
});

/** One statement to its end. */
async function run(
  sql: string,
  session = '',
  connection = '',
  transaction?: Transaction,
): Promise<unknown[]> {
  const use = await sessions.use({ session, connection }, sql, 'change', transaction);
  try {
    return await readRows(use.session, sql, { placement: use.placement });
  } finally {
    await use.ended();
  }
}

const begin = async (session: string, connection: string) => (await sessions.get(session)).begin(connection);
const count = async () => (await run('SELECT count(*) FROM t'))[0];
/** Lets what the clock set off come to its end. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await run('SELECT 1');
};

describe('a client that vanishes', () => {
  it.each(['', 'own'])('has its transaction rolled back (session %j)', async (session) => {
    const transaction = await begin(session, 'c');
    await run('INSERT INTO t VALUES (1)', session, 'c', transaction);
    expect(sessions.openTransactions).toBe(1);
    sessions.connectionClosed('c');
    clock.advance(11_000);
    await settle();
    expect(sessions.openTransactions).toBe(0);
    expect(await count()).toEqual(['0']);
    await run('UPDATE t SET i = 2');
  });

  it('has a transaction that it began by SQL rolled back', async () => {
    await run('BEGIN', 'own', 'c');
    await run('INSERT INTO t VALUES (1)', 'own', 'c');
    sessions.connectionClosed('c');
    clock.advance(11_000);
    await settle();
    expect(sessions.openTransactions).toBe(0);
    expect(await count()).toEqual(['0']);
  });

  it('keeps its transaction where it goes on with it over another connection', async () => {
    const transaction = await begin('own', 'c');
    await run('INSERT INTO t VALUES (1)', 'own', 'c', transaction);
    sessions.connectionClosed('c');
    await run('INSERT INTO t VALUES (2)', 'own', 'd', transaction);
    clock.advance(11_000);
    await settle();
    await (await sessions.get('own')).end(transaction.id, true);
    expect(await count()).toEqual(['2']);
  });

  it('has its session closed after a while, the default session never', async () => {
    await run('CREATE TEMP TABLE mine (i INT)', 'own', 'c');
    await run('SELECT 1', '', 'c');
    sessions.connectionClosed('c');
    clock.advance(11 * MINUTE);
    expect(closed).toEqual(['own']);
  });
});

describe('a transaction in which nothing happens', () => {
  it('is rolled back, and said to be over, where it changed something', async () => {
    const transaction = await begin('own', 'c');
    await run('INSERT INTO t VALUES (1)', 'own', 'c', transaction);
    clock.advance(IDLE_MS + 1);
    await settle();
    expect(sessions.openTransactions).toBe(0);
    await expect(run('INSERT INTO t VALUES (2)', 'own', 'c', transaction)).rejects.toMatchObject({
      kind: 'failed_precondition',
      message: expect.stringContaining('limits.transaction_idle'),
    });
    await expect((await sessions.get('own')).end(transaction.id, true)).rejects.toMatchObject({
      kind: 'failed_precondition',
    });
    expect(await count()).toEqual(['0']);
  });

  it('goes on where it has only read', async () => {
    const transaction = await begin('own', 'c');
    const use = await sessions.use({ session: 'own', connection: 'c' }, 'FROM t', 'query', transaction);
    await use.ended();
    clock.advance(IDLE_MS + 1);
    await settle();
    expect(sessions.openTransactions).toBe(0);
    expect(await run('SELECT 1', 'own', 'c', transaction)).toEqual([['1']]);
  });
});

describe('sessions', () => {
  it('end when nobody used them for long', async () => {
    await run('SELECT 1', 'own');
    clock.advance(62 * MINUTE);
    expect(closed).toEqual(['own']);
  });

  it('end, the oldest first, when there are too many, and with them their transactions', async () => {
    for (let i = 0; i < 300; i++) {
      const transaction = await begin(`s${i}`, `c${i}`);
      if (i < 2) await run(`INSERT INTO t VALUES (${i})`, `s${i}`, `c${i}`, transaction);
    }
    await settle();
    expect(closed.slice(0, 2)).toEqual(['s0', 's1']);
    expect(await count()).toEqual(['0']);
  });
});

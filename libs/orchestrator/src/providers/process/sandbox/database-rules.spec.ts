import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseRules, needsUnixSocket } from './database-rules.js';
import { allowConnect, allowPath } from './landlock.js';

const [read, write] = [4, 2];
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'database-rules-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Type = 'duckdb' | 'sqlite' | 'postgres' | 'mysql';
const database = (type: Type, connectionString: string, readOnly = true) => ({
  alias: 'd',
  type,
  connectionString,
  readOnly,
});
const rulesFor = (...databases: ReturnType<typeof database>[]) => databaseRules(databases, { read, write });

describe('databaseRules', () => {
  it('let read a file and what belongs to it, not what lies beside it', () => {
    const rules = rulesFor(database('duckdb', '/srv/a.duckdb'));
    const paths = ['', '.wal', '-wal', '-shm', '-journal'].map((ending) => `/srv/a.duckdb${ending}`);
    expect(rules).toEqual(paths.map((path) => allowPath(path, read)));
  });

  it('let write to the folder of a file that is written to', () => {
    const rules = rulesFor(database('sqlite', 'sqlite:///srv/a.sqlite', false));
    expect(rules).toEqual([allowPath('/srv', write)]);
  });

  it("let read the folder of SQLite's files with a write-ahead log, which comes and goes", () => {
    const path = join(folder, 'a.sqlite');
    const header = Buffer.alloc(100);
    header.write('SQLite format 3', 'latin1');
    header[19] = 2;
    writeFileSync(path, header);
    expect(rulesFor(database('sqlite', path))).toEqual([allowPath(folder, read)]);
    header[19] = 1;
    writeFileSync(path, header);
    expect(rulesFor(database('sqlite', path))).toContainEqual(allowPath(path, read));
  });

  it('let connect to the ports of servers, and read the certificates that are named', () => {
    const rules = rulesFor(
      database('postgres', 'postgres://u:p@h:5433/d?sslmode=verify-full&sslrootcert=/etc/mine/ca.pem'),
      database('mysql', 'mysql://u:p@h/d'),
    );
    expect(rules).toEqual([allowConnect(5433), allowPath('/etc/mine/ca.pem', read), allowConnect(3306)]);
  });

  it('allow nothing for a connection string that is none', () => {
    expect(rulesFor(database('postgres', 'nonsense'))).toEqual([]);
  });
});

describe('needsUnixSocket', () => {
  it.each([
    ['postgres', 'host=/var/run/postgresql dbname=d', true],
    ['mysql', 'host=localhost socket=/run/mysqld.sock', true],
    ['postgres', 'postgres://u@h/d', false],
    ['sqlite', '/srv/a.sqlite', false],
  ] as const)('%s at %s: %s', (type, connectionString, needed) => {
    expect(needsUnixSocket([database(type, connectionString)])).toBe(needed);
  });
});

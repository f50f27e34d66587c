import { describe, expect, it } from '@jest/globals';
import { refuseStatements } from './refused-statements.js';

describe('refuseStatements', () => {
  it.each([
    [`ATTACH ':memory:' AS x`, 'ATTACH'],
    ['detach database x', 'DETACH'],
    ['/* a /* b */ */ -- c\n LOAD httpfs', 'LOAD'],
    ['\u00a0INSTALL httpfs', 'INSTALL'],
    ['\u200bFORCE INSTALL httpfs', 'FORCE'],
    [`COPY t TO 'x'`, 'COPY'],
    [`COPY (SELECT 1) TO 'x'`, 'bulk ingestion'],
    [`EXPORT DATABASE 'x'`, 'EXPORT'],
    [`IMPORT DATABASE 'x'`, 'IMPORT'],
    ['UPDATE EXTENSIONS', 'Extensions'],
    ['CREATE SECRET s (TYPE s3)', 'SECRET'],
    ['CREATE OR REPLACE PERSISTENT SECRET s (TYPE s3)', 'SECRET'],
    ['DROP\u2003TEMPORARY SECRET s', 'SECRET'],
    ['ALTER DATABASE memory SET ALIAS TO x', 'ALTER DATABASE'],
    [`SET memory_limit = '10GB'`, 'memory_limit'],
    ['SET GLOBAL enable_external_access = true', 'enable_external_access'],
    ['RESET threads', 'threads'],
    ['SET enable_progress_bar_print = true', 'enable_progress_bar_print'],
    ['PRAGMA enable_profiling', 'enable_profiling'],
    ['PRAGMA memory_limit = 1', 'memory_limit'],
    [`; ATTACH 'x'`, 'ATTACH'],
  ])('refuses %j', (sql, text) =>
    expect(() => refuseStatements(sql)).toThrow(
      expect.objectContaining({ kind: 'permission_denied', message: expect.stringContaining(text) }),
    ),
  );

  it.each([
    'SELECT load, copy, attach FROM "set" AS install',
    '(SELECT 1)',
    'FROM t SELECT a',
    'WITH attach AS (SELECT 1) FROM attach',
    `SET TimeZone = 'UTC'`,
    'set session schema = main',
    'SET VARIABLE x = 1',
    'RESET VARIABLE x',
    'RESET TimeZone',
    'USE pg.public',
    'PRAGMA table_info(t)',
    'PRAGMA database_list',
    'CREATE TABLE secret (a INT)',
    'CREATE TEMP TABLE copy AS SELECT 1 AS load',
    'DROP TABLE secret',
    'ALTER TABLE database ADD COLUMN x INT',
    'UPDATE extensions SET a = 1 WHERE false',
    'EXPLAIN ANALYZE SELECT 1',
    'PIVOT t ON a USING sum(b)',
    'DESCRIBE t',
    'SUMMARIZE t',
    'SHOW ALL TABLES',
    'SELEC 1',
    '',
  ])('takes %j', (sql) => expect(() => refuseStatements(sql)).not.toThrow());
});

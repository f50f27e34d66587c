import { describe, expect, it } from '@jest/globals';
import { statementKind } from './statement-kind.js';

describe('statementKind', () => {
  it.each([
    'BEGIN',
    'begin transaction;',
    '  START  TRANSACTION',
    '-- now\nBEGIN',
    '/* now */ begin',
    ';BEGIN',
  ])('%j begins a transaction', (sql) => expect(statementKind(sql)).toBe('begin'));
  it.each(['COMMIT', 'rollback', 'ABORT;', 'END'])('%j ends one', (sql) =>
    expect(statementKind(sql)).toBe('end'),
  );
  it.each(['USE pg', `SET TimeZone = 'UTC'`, ';USE pg', 'RESET schema'])('%j changes the session', (sql) =>
    expect(statementKind(sql)).toBe('settings'),
  );
  it.each([
    'CREATE TEMP TABLE t (i INT)',
    'set variable x = 1',
    '; ;RESET VARIABLE x',
    'create or replace temporary view v AS SELECT 1',
  ])('%j makes something for the session alone', (sql) => expect(statementKind(sql)).toBe('temporary'));
  it.each(['SELECT 1 AS begin', 'beginning', 'SELECT 1; COMMIT', 'END_OF', 'CREATE TABLE temp (i INT)'])(
    '%j does none of it',
    (sql) => expect(statementKind(sql)).toBe('other'),
  );
});

import { describe, expect, it } from '@jest/globals';
import { requireOneStatement } from './one-statement.js';

describe('requireOneStatement', () => {
  it.each([
    'SELECT 1',
    'SELECT 1;',
    'SELECT 1; -- the end; really',
    ';; SELECT 1 ;;',
    `SELECT 'a;b'`,
    `SELECT 'it''s; fine'`,
    'SELECT 1 AS "a;b"',
    'SELECT $$a;b$$',
    'SELECT $tag$ a; $$ b $tag$',
    '/* ; */ SELECT 1 /* ; */',
    `PIVOT t ON x USING sum(y)`,
  ])('takes %s', (sql) => expect(() => requireOneStatement(sql)).not.toThrow());

  it.each([
    'SELECT 1; SELECT 2',
    `SELECT 'a'; DROP TABLE t`,
    `SELECT 1;/* x */SELECT 2`,
    'SELECT $$a$$;SELECT 1',
  ])('refuses %s', (sql) => expect(() => requireOneStatement(sql)).toThrow('one at a time'));

  it.each(['', '   ', ';', '-- nothing', '/* nothing */ ;'])('refuses emptiness: %j', (sql) =>
    expect(() => requireOneStatement(sql)).toThrow('no statement'),
  );

  it('refuses a NUL character, which C would take for the end', () =>
    expect(() => requireOneStatement('SELECT 1 \0; DROP TABLE t')).toThrow('NUL'));
});

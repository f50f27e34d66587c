import { describe, expect, it } from '@jest/globals';
import { oneStatement } from './one-statement.js';

describe('oneStatement', () => {
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
    `SELECT E'a\\';b'`,
    `SELECT /* a /* nested ; */ comment ; */ 1`,
    `SELECT 1 /* unclosed ; SELECT 2`,
    `SELECT value'; not a second one'`,
    `SELECT a$$b$$`,
  ])('takes %s', (sql) => expect(() => oneStatement(sql)).not.toThrow());

  it.each([
    'SELECT 1; SELECT 2',
    `SELECT 'a'; DROP TABLE t`,
    `SELECT 1;/* x */SELECT 2`,
    'SELECT $$a$$;SELECT 1',
    `SELECT E'\\''; INSERT INTO t VALUES (1); --'`,
    `SELECT 1 /* /* */ ' */ */; SELECT 3`,
    `SELECT 'a\\'; SELECT 'b'`,
  ])('refuses %s', (sql) => expect(() => oneStatement(sql)).toThrow('one at a time'));

  it.each(['', '   ', ';', '-- nothing', '/* nothing */ ;'])('refuses emptiness: %j', (sql) =>
    expect(() => oneStatement(sql)).toThrow('no statement'),
  );

  it.each([
    ['SELECT 1; -- the end; really', 'SELECT 1'],
    [';; SELECT 1 ;;', ' SELECT 1 '],
    [`SELECT 'a;b' AS "c;d" /* ; */;`, `SELECT 'a;b' AS "c;d" /* ; */`],
    ['SELECT 1 -- no end', 'SELECT 1 -- no end'],
  ])('answers %j as %j', (sql, statement) => expect(oneStatement(sql)).toBe(statement));

  it('reads long texts of anything in linear time', () => {
    for (const piece of ['/* ', '$a', "'", '"', '-- ', "E'\\", '$$ ']) {
      const times = [20_000, 200_000].map((count) => {
        const sql = `SELECT ${piece.repeat(count)};`;
        const start = process.cpuUsage().user;
        try {
          oneStatement(sql);
        } catch {
          // Whether it is one statement is not the question here.
        }
        return process.cpuUsage().user - start;
      }) as [number, number];
      // Ten times the text may take ten times as long, not a hundred times; small times are all noise.
      expect(times[1]).toBeLessThan(40 * Math.max(times[0], 10_000));
    }
  });

  it('refuses a NUL character, which C would take for the end', () =>
    expect(() => oneStatement('SELECT 1 \0; DROP TABLE t')).toThrow('NUL'));
});

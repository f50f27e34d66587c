import { describe, expect, it } from '@jest/globals';
import { refuseFunctions } from './refused-functions.js';

describe('refuseFunctions', () => {
  it.each([
    `CALL postgres_execute('pg', 'DELETE FROM t')`,
    `FROM POSTGRES_QUERY('pg', 'DELETE FROM t')`,
    `SELECT * FROM "postgres_execute"('pg', 'x')`,
    `SELECT * FROM system.main.postgres_execute /* now */ -- then\n ('pg', 'x')`,
    `CREATE MACRO m() AS TABLE FROM mysql_query('my', 'x')`,
    `PREPARE p AS FROM sqlite_scan('/etc/x', 't')`,
    `FROM query('CALL postgres_execute(1)')`,
    `SELECT * FROM a, query('x')`,
    `CREATE TABLE t AS FROM query('x')`,
    `INSERT INTO t FROM main.query('x')`,
    `FROM query_table('t')`,
    `FROM\u00a0query('x')`,
    `FROM query\u2003('x')`,
    `CALL\u200bpostgres_execute\u2060('pg', 'x')`,
    `FROM\ufeffquery('x')`,
    `SELECT write_log('x')`,
    `CALL enable_logging(storage = 'file')`,
    'FROM duckdb_secrets()',
    `FROM read_blob('/data/shop.duckdb')`,
    `SELECT * FROM READ_CSV('x')`,
    `FROM json_execute_serialized_sql('{"type":{"id":"POINTER"}}')`,
    `SELECT json_deserialize_sql('{}')`,
    'FROM arrow_scan(1, 2, 3)',
    'FROM arrow_scan_dumb(1, 2, 3)',
  ])('refuses %s', (sql) =>
    expect(() => refuseFunctions(sql)).toThrow(expect.objectContaining({ kind: 'permission_denied' })),
  );

  it.each([
    'SELECT query, postgres_scan FROM statements WHERE query LIKE $$query(1)$$',
    `SELECT 'postgres_execute(1)'`,
    '-- query(1)\nSELECT 1',
    'SELECT count(query) FROM t',
    'CREATE TABLE "query" (postgres_query INT)',
    'WITH query AS (SELECT 1) FROM query',
    'INSERT INTO main.query (a, b) VALUES (1, 2)',
    'CREATE TABLE IF NOT EXISTS query (a INT)',
    'WITH query (a) AS (SELECT 1) FROM query',
  ])('takes %s', (sql) => expect(() => refuseFunctions(sql)).not.toThrow());
});

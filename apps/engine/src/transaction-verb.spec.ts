import { describe, expect, it } from '@jest/globals';
import { transactionVerb } from './transaction-verb.js';

describe('transactionVerb', () => {
  it.each(['BEGIN', 'begin transaction;', '  START  TRANSACTION', '-- now\nBEGIN', '/* now */ begin'])(
    '%j begins one',
    (sql) => expect(transactionVerb(sql)).toBe('begin'),
  );
  it.each(['COMMIT', 'rollback', 'ABORT;', 'END'])('%j ends one', (sql) =>
    expect(transactionVerb(sql)).toBe('end'),
  );
  it.each(['SELECT 1 AS begin', 'beginning', 'SELECT 1; COMMIT', 'END_OF'])('%j does neither', (sql) =>
    expect(transactionVerb(sql)).toBeUndefined(),
  );
});

import { describe, expect, it } from '@jest/globals';
import { passes, problemOf } from './database-problem.js';

describe('problemOf', () => {
  it.each([
    [
      'IO Error: Unable to connect to Postgres at "x": connection to server at "10.1.2.3", port 5432 failed: FATAL:  password authentication failed for user "ann"',
      'its server refuses the sign-in',
      false,
    ],
    [
      'IO Error: Unable to connect to Postgres at "x": FATAL:  the database system is starting up',
      'its server takes no connections now',
      true,
    ],
    [
      "IO Error: Failed to connect to MySQL database with parameters \"\": Can't connect to server on '10.1.2.3' (115)",
      'its server can not be reached',
      true,
    ],
    [
      'IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 67.',
      'its file was made by a newer version of DuckDB (storage version 99) than engines have',
      false,
    ],
  ])('%s', (message, problem, passing) => {
    expect(problemOf(message)).toBe(problem);
    expect(passes(problem)).toBe(passing);
    expect(problem).not.toMatch(/10\.1\.2\.3|ann"/);
  });

  it('says nothing of errors of statements', () =>
    expect(problemOf('Catalog Error: Table with name x does not exist!')).toBeUndefined());
});

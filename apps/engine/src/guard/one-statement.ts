import { DomainError } from '@pondpilot/kernel';
import { tokens } from './lexer.js';

/**
 * Makes sure that a text is one statement, with or without a semicolon behind it. DuckDB splits some single
 * statements (PIVOT) itself, so that counting what it extracts would refuse them.
 * Throws `invalid_argument` for several statements, for none, and for a NUL character, at which C would stop reading.
 */
export function requireOneStatement(sql: string): void {
  if (sql.includes('\0')) throw new DomainError('invalid_argument', 'The statement holds a NUL character.');
  // The common case, found at once.
  if (!sql.includes(';') && /^\s*[A-Za-z(]/.test(sql)) return;
  const count = countStatements(sql);
  if (count === 0) throw new DomainError('invalid_argument', 'There is no statement to run.');
  if (count > 1)
    throw new DomainError(
      'invalid_argument',
      'Several statements came in one call: send them one at a time.',
    );
}

/** How many statements have anything in them. */
function countStatements(sql: string): number {
  let count = 0;
  let empty = true;
  for (const { kind, value } of tokens(sql)) {
    const ends = kind === 'symbol' && value === ';';
    if (ends && !empty) count++;
    empty = ends;
  }
  return empty ? count : count + 1;
}

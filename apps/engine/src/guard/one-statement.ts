import { DomainError } from '@pondpilot/kernel';
import { tokens } from './lexer.js';

/**
 * The one statement of a text, without semicolons around it: what is behind them must not be part of anything that is
 * made of the statement. DuckDB splits some single statements (PIVOT) itself, so that counting what it extracts would
 * refuse them.
 * Throws `invalid_argument` for several statements, for none, and for a NUL character, at which C would stop reading.
 */
export function oneStatement(sql: string): string {
  if (sql.includes('\0')) throw new DomainError('invalid_argument', 'The statement holds a NUL character.');
  // The common case, found at once.
  if (!sql.includes(';') && /^\s*[A-Za-z(]/.test(sql)) return sql;
  let from = 0;
  let to: number | undefined;
  let any = false;
  for (const { kind, value, start } of tokens(sql)) {
    const ends = kind === 'symbol' && value === ';';
    if (!ends && to !== undefined)
      throw new DomainError(
        'invalid_argument',
        'Several statements came in one call: send them one at a time.',
      );
    if (!ends) any = true;
    else if (any) to ??= start;
    else from = start + 1;
  }
  if (!any) throw new DomainError('invalid_argument', 'There is no statement to run.');
  return sql.slice(from, to);
}

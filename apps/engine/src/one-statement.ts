import { DomainError } from '@pondpilot/kernel';

/** What a semicolon may stand in without ending a statement: quotes, dollar quotes and comments. */
const SKIPPED =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//y;

/**
 * Makes sure that a text is one statement, with or without a semicolon behind it. DuckDB splits some single
 * statements (PIVOT) itself, so that counting what it extracts would refuse them.
 * Throws `invalid_argument` for several statements, for none, and for a NUL character, at which C would stop reading.
 */
export function requireOneStatement(sql: string): void {
  if (sql.includes('\0')) throw new DomainError('invalid_argument', 'The statement holds a NUL character.');
  // The common case, found at once.
  if (!sql.includes(';') && /^\s*[A-Za-z(]/.test(sql)) return;
  const ends = statementEnds(sql);
  if (ends.length === 0) throw new DomainError('invalid_argument', 'There is no statement to run.');
  if (ends.length > 1)
    throw new DomainError(
      'invalid_argument',
      'Several statements came in one call: send them one at a time.',
    );
}

/** Where each statement with anything in it ends. */
function statementEnds(sql: string): number[] {
  const ends: number[] = [];
  let empty = true;
  for (let at = 0; at < sql.length;) {
    SKIPPED.lastIndex = at;
    const skipped = SKIPPED.exec(sql)?.[0];
    if (skipped !== undefined) {
      if (!skipped.startsWith('--') && !skipped.startsWith('/*')) empty = false;
      at += skipped.length;
      continue;
    }
    const character = sql[at] ?? '';
    at++;
    if (character === ';') {
      if (!empty) ends.push(at);
      empty = true;
    } else if (!/\s/.test(character)) empty = false;
  }
  if (!empty) ends.push(sql.length);
  return ends;
}

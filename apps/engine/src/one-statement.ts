import { DomainError } from '@pondpilot/kernel';

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

/** How many statements have anything in them. Reads as DuckDB's lexer does (PostgreSQL's), each character once. */
function countStatements(sql: string): number {
  let count = 0;
  let empty = true;
  for (let at = 0; at < sql.length;) {
    const comment = endOfComment(sql, at);
    if (comment > at) {
      at = comment;
      continue;
    }
    const quoted = endOfQuoted(sql, at);
    if (quoted > at) {
      empty = false;
      at = quoted;
      continue;
    }
    const character = sql[at++] ?? '';
    if (character === ';') {
      if (!empty) count++;
      empty = true;
    } else if (!/\s/.test(character)) empty = false;
  }
  return empty ? count : count + 1;
}

/** Where a comment that starts here ends; here where none does. Block comments nest. */
function endOfComment(sql: string, start: number): number {
  if (sql.startsWith('--', start)) {
    const end = sql.slice(start).search(/[\n\r]/);
    return end < 0 ? sql.length : start + end + 1;
  }
  if (!sql.startsWith('/*', start)) return start;
  let depth = 0;
  for (let at = start; at < sql.length;) {
    if (sql.startsWith('/*', at)) {
      depth++;
      at += 2;
    } else if (sql.startsWith('*/', at)) {
      depth--;
      at += 2;
      if (depth === 0) return at;
    } else at++;
  }
  return sql.length;
}

/** Where a string or quoted name that starts here ends; here where none does. */
function endOfQuoted(sql: string, start: number): number {
  const character = sql[start];
  if (character === '"') return closing(sql, start + 1, '"', false);
  if (character === "'") return closing(sql, start + 1, "'", isEscapeString(sql, start));
  if (character !== '$' || isWord(sql[start - 1])) return start;
  DOLLAR_TAG.lastIndex = start;
  const tag = DOLLAR_TAG.exec(sql)?.[0];
  if (tag === undefined) return start;
  const end = sql.indexOf(tag, start + tag.length);
  return end < 0 ? sql.length : end + tag.length;
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/** `E'…'` and `e'…'`, in which a backslash takes the next character with it. */
function isEscapeString(sql: string, quote: number): boolean {
  return /[eE]/.test(sql[quote - 1] ?? '') && !isWord(sql[quote - 2]);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\w$\u0080-\uffff]/.test(character);
}

/** Behind the quote that ends a text; a doubled one does not. */
function closing(sql: string, from: number, quote: string, escapes: boolean): number {
  for (let at = from; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
}

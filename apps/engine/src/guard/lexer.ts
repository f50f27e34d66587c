/** A piece of SQL that matters here; comments and white space are left out. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'text' | 'symbol';
  /** Where it begins. */
  readonly start: number;
  /** A word in lower case, a quoted name without its quotes, a symbol; empty for text. */
  readonly value: string;
}

/** The first words of a statement in lower case, up to `count`; they end at anything that is no word. */
export function firstWords(sql: string, count: number): string[] {
  const words: string[] = [];
  for (const { kind, value } of tokens(sql)) {
    // DuckDB passes over empty statements.
    if (value === ';' && words.length === 0) continue;
    if (kind !== 'word' || words.length === count) break;
    words.push(value);
  }
  return words;
}

/** Reads SQL as DuckDB's lexer does (PostgreSQL's), each character once. @param from where a token may begin */
export function* tokens(sql: string, from = 0): Generator<Token> {
  for (let at = from; at < sql.length;) {
    const comment = endOfComment(sql, at);
    if (comment > at) {
      at = comment;
      continue;
    }
    const character = sql[at] ?? '';
    if (character === '"') {
      const end = closing(sql, at + 1, '"', false);
      yield { kind: 'quoted', start: at, value: sql.slice(at + 1, end - 1).replaceAll('""', '"') };
      at = end;
    } else if (character === "'") {
      yield { kind: 'text', start: at, value: '' };
      at = closing(sql, at + 1, "'", false);
    } else if (character === '$' && dollarTag(sql, at) !== undefined) {
      yield { kind: 'text', start: at, value: '' };
      at = endOfDollarText(sql, at);
    } else if (isWord(character)) {
      const end = endOfWord(sql, at);
      const word = sql.slice(at, end).toLowerCase();
      if (word === 'e' && sql[end] === "'") {
        yield { kind: 'text', start: at, value: '' };
        at = closing(sql, end + 1, "'", true);
      } else {
        yield { kind: 'word', start: at, value: word };
        at = end;
      }
    } else {
      if (!SPACE.test(character)) yield { kind: 'symbol', start: at, value: character };
      at++;
    }
  }
}

/** Where a comment that starts here ends; here where none does. Block comments nest. */
function endOfComment(sql: string, start: number): number {
  if (sql.startsWith('--', start)) {
    NEWLINE.lastIndex = start;
    const end = NEWLINE.exec(sql);
    return end ? end.index + 1 : sql.length;
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

const NEWLINE = /[\n\r]/g;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

function dollarTag(sql: string, start: number): string | undefined {
  DOLLAR_TAG.lastIndex = start;
  return DOLLAR_TAG.exec(sql)?.[0];
}

function endOfDollarText(sql: string, start: number): number {
  const tag = dollarTag(sql, start) ?? '';
  const end = sql.indexOf(tag, start + tag.length);
  return end < 0 ? sql.length : end + tag.length;
}

/**
 * What stands for a space outside of quotes: DuckDB turns these into one before it reads a statement, so that a name
 * in front of `(` may end with any of them.
 */
const SPACE = /[\s\u200b-\u200d\u2060\ufeff]/;

function isWord(character: string): boolean {
  return /[\w\u0080-\uffff]/.test(character) && !SPACE.test(character);
}

function endOfWord(sql: string, start: number): number {
  let at = start;
  while (at < sql.length && (isWord(sql[at] ?? '') || sql[at] === '$')) at++;
  return at;
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

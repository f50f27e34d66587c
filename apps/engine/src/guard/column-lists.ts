import { tokens, type Token } from './lexer.js';
import { TokenReader, unwrap } from './token-reader.js';

/** Words behind which a name with a parenthesis is a table's, with its columns: `INSERT INTO query (a, b)`. */
const TABLE_FOLLOWS: ReadonlySet<string> = new Set([
  'table',
  'into',
  'exists',
  'view',
  'with',
  'recursive',
  'references',
]);
/** With what the query of a CTE begins. They are reserved, so that no type and no column of `f(x) AS (…)` begins so. */
const QUERY_BEGINS: ReadonlySet<string> = new Set(['select', 'from', 'with', 'table']);
/** `CREATE MACRO m(a) AS f(a)` is the one place where a call follows AS. */
const MACRO = /\b(?:macro|function)\b/i;
/** More words are never between INDEX and ON. */
const INDEX_WORDS = 8;

/** A name before a parenthesis. */
export interface Named {
  /** Where the last part of the name begins. */
  readonly start: number;
  /** The unquoted word before the whole name, in lower case; empty where there is none. */
  readonly before: string;
  /** Where its parenthesis opens. */
  readonly opens: number;
}

/** Tells column lists of tables, aliases and CTEs from calls of functions, in one statement. */
export class ColumnLists {
  private readonly indexed: number | undefined;
  private readonly macro: boolean;

  constructor(private readonly sql: string) {
    this.indexed = indexedTable(sql);
    this.macro = MACRO.test(sql);
  }

  /** Whether the parenthesis behind this name holds no arguments. False where that is not plain to see. */
  isOne({ start, before, opens }: Named): boolean {
    if (TABLE_FOLLOWS.has(before) || start === this.indexed) return true;
    const rest = tokens(this.sql, opens + 1);
    if (!namesUntilClosed(rest)) return false;
    if (before === 'as') return !this.macro;
    // `WITH a AS (…), query (b) AS (SELECT …)`: of two tables in a FROM none looks like that.
    return before === '' && isCteQuery(rest);
  }
}

/** Where the name of the table in a CREATE INDEX begins. */
function indexedTable(sql: string): number | undefined {
  const reader = new TokenReader(sql);
  unwrap(reader);
  if (!reader.takeWord('create')) return undefined;
  reader.takeWord('unique');
  if (!reader.takeWord('index')) return undefined;
  for (let word = 0; !reader.isWord('on'); word++) {
    if (word === INDEX_WORDS || !reader.isName()) return undefined;
    reader.next();
  }
  reader.next();
  for (;;) {
    const name = reader.peek();
    if (!name || !reader.isName()) return undefined;
    reader.next();
    if (!reader.isSymbol('.')) return name.start;
    reader.next();
  }
}

/** Reads `a, b)`. */
function namesUntilClosed(rest: Iterator<Token>): boolean {
  for (;;) {
    if (!isName(next(rest))) return false;
    const end = next(rest);
    if (isSymbol(end, ')')) return true;
    if (!isSymbol(end, ',')) return false;
  }
}

/** Reads `AS (SELECT`. */
function isCteQuery(rest: Iterator<Token>): boolean {
  if (!isWord(next(rest), AS)) return false;
  let token = next(rest);
  while (isWord(token, MATERIALIZED)) token = next(rest);
  return isSymbol(token, '(') && isWord(next(rest), QUERY_BEGINS);
}

const AS: ReadonlySet<string> = new Set(['as']);
const MATERIALIZED: ReadonlySet<string> = new Set(['not', 'materialized']);

/** Unlike a loop it leaves the iterator open. */
function next(rest: Iterator<Token>): Token | undefined {
  const { value, done } = rest.next();
  return done ? undefined : (value as Token);
}

const isName = (token: Token | undefined) => token?.kind === 'word' || token?.kind === 'quoted';
const isSymbol = (token: Token | undefined, symbol: string) =>
  token?.kind === 'symbol' && token.value === symbol;
const isWord = (token: Token | undefined, words: ReadonlySet<string>) =>
  token?.kind === 'word' && words.has(token.value);

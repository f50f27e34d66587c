import { tokens, type Token } from './lexer.js';

/** Reads tokens with a look ahead. */
export class TokenReader {
  private readonly source: Iterator<Token>;
  private ahead: Token | undefined;

  constructor(sql: string) {
    this.source = tokens(sql);
    this.next();
  }

  peek(): Token | undefined {
    return this.ahead;
  }

  next(): void {
    const { value, done } = this.source.next();
    this.ahead = done ? undefined : (value as Token);
  }

  isWord(word: string): boolean {
    return this.ahead?.kind === 'word' && this.ahead.value === word;
  }

  /** Whether it is a name or any word. */
  isName(): boolean {
    return this.ahead?.kind === 'word' || this.ahead?.kind === 'quoted';
  }

  /** Passes over this word if it is the next one; answers whether it was. */
  takeWord(word: string): boolean {
    const there = this.isWord(word);
    if (there) this.next();
    return there;
  }

  isSymbol(symbol: string): boolean {
    return this.ahead?.kind === 'symbol' && this.ahead.value === symbol;
  }

  /** Passes over everything from an opening parenthesis to the one that closes it. */
  passGroup(): void {
    let depth = 0;
    if (!this.isSymbol('(')) return;
    do {
      if (this.isSymbol('(')) depth++;
      if (this.isSymbol(')')) depth--;
      this.next();
    } while (depth > 0 && this.ahead);
  }

  /** The values of the next tokens in lower case: quoted names are no others to DuckDB. */
  words(count: number): string[] {
    const words: string[] = [];
    for (; this.ahead && words.length < count; this.next()) words.push(this.ahead.value.toLowerCase());
    return words;
  }
}

/** Passes over EXPLAIN and PREPARE, which may hold another statement. Answers whether there was one of them. */
export function unwrap(reader: TokenReader): boolean {
  let within = false;
  for (;;) {
    if (reader.isWord('explain')) {
      reader.next();
      while (reader.isWord('analyze') || reader.isWord('analyse') || reader.isWord('verbose')) reader.next();
      // Options, or a query in parentheses: behind that there is nothing more.
      reader.passGroup();
    } else if (reader.isWord('prepare')) {
      reader.next();
      reader.next();
      reader.passGroup();
      if (reader.isWord('as')) reader.next();
    } else return within;
    within = true;
  }
}

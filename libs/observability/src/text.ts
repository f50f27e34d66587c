/**
 * Characters that could end a line, leave a quoted value or change how a terminal shows what follows: quotes and
 * backslashes, control and format characters (bidirectional overrides are among them), line and paragraph separators.
 */
const UNSAFE = /["\\\p{C}\p{Zl}\p{Zp}]/gu;
const NEEDS_QUOTES = /[\s="\\\p{C}\p{Z}]/u;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** The text in quotes, on one line whatever it holds. */
export function quote(text: string): string {
  return `"${escapeUnsafe(text)}"`;
}

/** The text as the value of a logfmt field: in quotes only where it needs them. */
export function quoteIfNeeded(text: string): string {
  return text === '' || NEEDS_QUOTES.test(text) ? quote(text) : text;
}

/** The text on one line, with everything in it that is not plainly visible written out. */
export function escapeUnsafe(text: string): string {
  return text.replaceAll(UNSAFE, (character) => SHORT[character] ?? codeOf(character));
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

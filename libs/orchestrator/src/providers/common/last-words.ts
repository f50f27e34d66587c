import { isTelling } from './ending.js';

const LAST_WORDS = 600;
const LONGEST_LINE = 200;

/**
 * What is kept of an engine's standard error with one more line: the end of it, and in front of that the last line that
 * tells why an engine ends, which may be long before.
 */
export function remember(words: string, line: string): string {
  const all = `${words}\n${line}`;
  const end = all.slice(-LAST_WORDS);
  if (end.length === all.length || end.split('\n').some(isTelling)) return end;
  const telling = all.split('\n').findLast(isTelling)?.slice(0, LONGEST_LINE);
  return telling === undefined ? end : `${telling}\n${end.slice(telling.length + 1 - LAST_WORDS)}`;
}

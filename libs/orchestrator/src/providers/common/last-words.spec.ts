import { describe, expect, it } from '@jest/globals';
import { remember } from './last-words.js';

const LONGEST = 600;
const TRACE = Array.from(
  { length: 40 },
  (_, n) => ` ${n}: 0x9dde61 v8::internal::Heap::Something [bin/node]`,
);
const rememberAll = (lines: readonly string[]) => lines.reduce(remember, '');

describe('remember', () => {
  it('keeps little whole', () => {
    expect(rememberAll(['one', 'two'])).toBe('\none\ntwo');
  });

  it('keeps the end of much', () => {
    const words = rememberAll(TRACE);
    expect(words).toHaveLength(LONGEST);
    expect(TRACE.join('\n').endsWith(words)).toBe(true);
  });

  it('keeps the line that tells why, whatever comes behind', () => {
    const fatal = '# Fatal process out of memory: Failed to reserve virtual memory for CodeRange';
    const words = rememberAll(['hello', fatal, ...TRACE, ...TRACE]);
    expect(words.split('\n')[0]).toBe(fatal);
    expect(words.endsWith(TRACE.at(-1)!)).toBe(true);
    expect(words.length).toBeLessThanOrEqual(LONGEST);
  });

  it('forgets that line for a later one', () => {
    const words = rememberAll(['out of memory: first', ...TRACE, 'out of memory: second', ...TRACE]);
    expect(words).toMatch(/^out of memory: second\n/);
    expect(words).not.toContain('first');
  });
});

import { describe, expect, it } from '@jest/globals';
import { randomId, randomSecret, secretsEqual } from './ids.js';

describe('ids and secrets', () => {
  it('gives ids in lower-case hexadecimal, as long as asked', () => {
    expect(randomId()).toMatch(/^[0-9a-f]{16}$/);
    expect(randomId(4)).toMatch(/^[0-9a-f]{8}$/);
  });

  it('gives secrets of 256 bits that fit into a header', () => {
    expect(randomSecret()).toMatch(/^[\w-]{43}$/);
  });

  it('never gives the same twice', () => {
    const made = Array.from({ length: 1000 }, () => [randomId(), randomSecret()]).flat();
    expect(new Set(made).size).toBe(2000);
  });
});

describe('secretsEqual', () => {
  it.each([
    ['same', 'same', true],
    ['same', 'samf', false],
    ['same', 'same ', false],
    ['', '', true],
    ['', 'x', false],
    ['\u00e9', 'e\u0301', false],
  ])('%p and %p: %p', (a, b, equal) => expect(secretsEqual(a, b)).toBe(equal));
});

import { describe, expect, it } from '@jest/globals';
import { parseDuration, parseSize } from './units.js';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['1.5h', 5_400_000],
    ['250', 250],
    ['0', 0],
    [' 5 M ', 300_000],
  ])('reads %p as %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '5 minutes', '-5m', '5m30s', 'm', '1e3', '5,5s', '.5s', 'NaN', 'Infinity'])(
    'refuses %p',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('parseSize', () => {
  it.each([
    ['256m', 268_435_456],
    ['1g', 1_073_741_824],
    ['512k', 524_288],
    ['2t', 2_199_023_255_552],
    ['1024', 1024],
    ['1024b', 1024],
    ['1.5g', 1_610_612_736],
    ['512MB', 536_870_912],
    ['512MiB', 536_870_912],
    [' 1 G ', 1_073_741_824],
  ])('reads %p as %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', 'm', '-1g', '1x', '1gm', '1 2', '0x10'])('refuses %p', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});

import { describe, expect, it } from '@jest/globals';
import { causeOf, describeEnding } from './ending.js';
import { outOfMemoryKills } from './proc.js';

const ending = { code: null, signal: null, lastWords: '' };

describe('causeOf', () => {
  it.each([
    ['an exit', { ...ending, code: 1 }, 'exited'],
    ['a crash', { ...ending, signal: 'SIGSEGV' as const }, 'crashed'],
    ['a kill while the kernel killed nobody', { ...ending, signal: 'SIGKILL' as const }, 'killed'],
    [
      "V8's own limit",
      { ...ending, signal: 'SIGABRT' as const, lastWords: 'FATAL ERROR: JavaScript heap out of memory' },
      'out_of_memory',
    ],
    [
      'an allocation that failed',
      { ...ending, code: 134, lastWords: 'what(): std::bad_alloc' },
      'out_of_memory',
    ],
    ['a good end after a survived shortage', { ...ending, code: 0, lastWords: 'Out of memory' }, 'exited'],
  ])('of %s', (_name, how, cause) => {
    expect(causeOf(how, outOfMemoryKills())).toBe(cause);
  });

  it('of a kill while the kernel killed for memory', () => {
    expect(causeOf({ ...ending, signal: 'SIGKILL' }, outOfMemoryKills() - 1)).toBe('out_of_memory');
  });
});

describe('describeEnding', () => {
  it('names the code or the signal', () => {
    expect(describeEnding({ ...ending, code: 1 })).toBe('exit code 1');
    expect(describeEnding({ ...ending, signal: 'SIGKILL' })).toBe('signal SIGKILL');
  });
});

import { describe, expect, it } from '@jest/globals';
import { causeOf, describeEnding } from './ending.js';

const ending = (exitCode: number, outOfMemory = false) => ({ exitCode, outOfMemory });

describe('causeOf', () => {
  it.each([
    ['an exit', ending(1), '', 'exited'],
    ['a good end', ending(0), '', 'exited'],
    ['a kill by hand', ending(137), '', 'killed'],
    ['a crash', ending(139), '', 'crashed'],
    ["a kill for the container's memory", ending(137, true), '', 'out_of_memory'],
    ["V8's own limit", ending(134), 'FATAL ERROR: JavaScript heap out of memory', 'out_of_memory'],
    ['an allocation that failed', ending(134), 'what(): std::bad_alloc', 'out_of_memory'],
    ['a shortage of the system', ending(1), 'mmap: Cannot allocate memory', 'out_of_memory'],
    ['a good end after a survived shortage', ending(0), 'Out of memory', 'exited'],
    ['an exit code that is no signal that tells something', ending(128 + 77), '', 'exited'],
  ])('of %s', (_name, how, lastWords, cause) => {
    expect(causeOf(how, lastWords)).toBe(cause);
  });
});

describe('describeEnding', () => {
  it.each([
    [ending(3), 'exit code 3'],
    [ending(137), 'signal SIGKILL'],
    [ending(137, true), 'signal SIGKILL, out of its memory'],
    [ending(143), 'signal SIGTERM'],
    [ending(205), 'exit code 205'],
  ])('%j', (how, told) => expect(describeEnding(how)).toBe(told));
});

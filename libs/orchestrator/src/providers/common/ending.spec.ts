import { describe, expect, it } from '@jest/globals';
import { causeOf } from './ending.js';

const exit = (exitCode: number, lastWords = '') => ({
  exitCode,
  signal: undefined,
  outOfMemory: false,
  lastWords,
});
const signal = (name: string, lastWords = '') => ({
  exitCode: undefined,
  signal: name,
  outOfMemory: false,
  lastWords,
});

describe('causeOf', () => {
  it.each([
    ['an exit', exit(1), 'exited'],
    ['a good end', exit(0), 'exited'],
    ['a good end after a survived shortage', exit(0, 'Out of memory'), 'exited'],
    ['an exit code that is no signal that tells something', exit(128 + 77), 'exited'],
    ['a kill by hand', signal('SIGKILL'), 'killed'],
    ['a kill by hand, as an exit code', exit(128 + 9), 'killed'],
    ['a request to end', signal('SIGTERM'), 'killed'],
    ['a wild pointer, or too deep a stack', signal('SIGSEGV'), 'crashed'],
    ['the same as an exit code', exit(128 + 11), 'crashed'],
    ['an assertion', signal('SIGABRT', 'Assertion failed'), 'crashed'],
    ["V8's trap", signal('SIGTRAP'), 'crashed'],
    ['a file that has shrunk', signal('SIGBUS'), 'crashed'],
    ['a call that the sandbox forbids', signal('SIGSYS'), 'crashed'],
    ['a DuckDB that is not to be trusted', exit(70, 'INTERNAL Error: Assertion'), 'crashed'],
    [
      'a statement that does not stop',
      exit(70, 'A statement goes on long after its time. The engine ends.'),
      'out_of_time',
    ],
    ["a kill for the container's memory", { ...exit(137), outOfMemory: true }, 'out_of_memory'],
    ["the engine's own watch", signal('SIGKILL', 'out of memory: 9 bytes of 8'), 'out_of_memory'],
    ["V8's own limit", signal('SIGABRT', 'FATAL ERROR: JavaScript heap out of memory'), 'out_of_memory'],
    [
      "V8 at the process's limit",
      signal('SIGTRAP', '# Fatal process out of memory: Failed to reserve virtual memory for CodeRange'),
      'out_of_memory',
    ],
    ['an allocation that failed', exit(134, 'what(): std::bad_alloc'), 'out_of_memory'],
    ['a shortage of the system', exit(1, 'mmap: Cannot allocate memory'), 'out_of_memory'],
    [
      'a thread that could not start',
      signal('SIGABRT', 'what():  Resource temporarily unavailable'),
      'out_of_memory',
    ],
  ])('of %s', (_name, ending, cause) => expect(causeOf(ending)).toBe(cause));
});

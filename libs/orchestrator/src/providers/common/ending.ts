import type { EngineDeath } from '../../provider.js';

/** How an engine's program ended, whatever it ran in. */
export interface Ending {
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** The kernel killed it for want of memory. */
  readonly outOfMemory: boolean;
  /** Of what it wrote to standard error, see `remember`. */
  readonly lastWords: string;
}

/** Numbers of signals on Linux, which engines in containers have wherever the proxy runs. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
  31: 'SIGSYS',
};
/** Exit codes above this tell of a signal, as shells have it. */
const SIGNALLED = 128;
/** What a program brings upon itself. */
const CRASHES = new Set(['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGSYS']);
/** Of an engine whose DuckDB can't be trusted any more (sysexits.h). */
const EX_SOFTWARE = 70;

/** V8, the C++ library, the C library and the engine itself in turn; and of each what it says where no thread can start. */
const OUT_OF_MEMORY =
  /out of memory|bad_alloc|cannot allocate memory|std::system_error|resource temporarily unavailable/i;
/** The engine itself, of a statement that DuckDB does not stop. */
const OUT_OF_TIME = /goes on long after its time/;

/** The signal that an exit code tells of. */
export function signalOf(exitCode: number): string | undefined {
  return SIGNALS[exitCode - SIGNALLED];
}

/** Does this line tell why an engine ends? V8 writes many more behind it, several threads at the same time. */
export function isTelling(line: string): boolean {
  return OUT_OF_MEMORY.test(line) || OUT_OF_TIME.test(line);
}

/** Why it ended, as far as can be told. */
export function causeOf(ending: Ending): EngineDeath['cause'] {
  const { exitCode, outOfMemory, lastWords } = ending;
  const signal = ending.signal ?? (exitCode === undefined ? undefined : signalOf(exitCode));
  const failed = signal !== undefined || exitCode !== 0;
  if (outOfMemory || (failed && OUT_OF_MEMORY.test(lastWords))) return 'out_of_memory';
  if (failed && OUT_OF_TIME.test(lastWords)) return 'out_of_time';
  if (exitCode === EX_SOFTWARE || (signal !== undefined && CRASHES.has(signal))) return 'crashed';
  return signal === undefined ? 'exited' : 'killed';
}

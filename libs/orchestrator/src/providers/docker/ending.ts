import type { EngineDeath } from '../../provider.js';

/** How a container ended. Docker tells that of the kernel's out-of-memory killer by an event of its own. */
export interface ContainerEnding {
  readonly exitCode: number;
  readonly outOfMemory: boolean;
}

const SIGNALS: Readonly<Record<number, string>> = {
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};
/** Exit codes above this tell of a signal, as shells have it. */
const SIGNALLED = 128;

// V8, the C++ library, the C library and the engine itself in turn.
const OUT_OF_MEMORY = /out of memory|bad_alloc|cannot allocate memory/i;

export function describeEnding({ exitCode, outOfMemory }: ContainerEnding): string {
  const signal = SIGNALS[exitCode - SIGNALLED];
  const how = signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`;
  return outOfMemory ? `${how}, out of its memory` : how;
}

export function causeOf(ending: ContainerEnding, lastWords: string): EngineDeath['cause'] {
  const { exitCode, outOfMemory } = ending;
  if (outOfMemory || (exitCode !== 0 && OUT_OF_MEMORY.test(lastWords))) return 'out_of_memory';
  return SIGNALS[exitCode - SIGNALLED] === undefined ? 'exited' : 'killed';
}

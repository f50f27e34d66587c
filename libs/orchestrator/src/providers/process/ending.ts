import type { EngineDeath } from '../../provider.js';
import { outOfMemoryKills } from './proc.js';

/** How a child process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it wrote to standard error, secrets blotted out. */
  readonly lastWords: string;
}

// V8, the C++ library and the C library in turn.
const OUT_OF_MEMORY = /out of memory|bad_alloc|cannot allocate memory/i;

export function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

/**
 * Why it ended, as far as can be told: the kernel says only how many processes it has killed for want of memory on the
 * whole machine, so that count from before the engine's start is compared with the one of now.
 */
export function causeOf(ending: Ending, killsBefore: number): EngineDeath['cause'] {
  const failed = ending.signal !== null || ending.code !== 0;
  if (ending.signal === 'SIGKILL' && outOfMemoryKills() > killsBefore) return 'out_of_memory';
  if (failed && OUT_OF_MEMORY.test(ending.lastWords)) return 'out_of_memory';
  return ending.signal === null ? 'exited' : 'killed';
}

import type { EngineDeath } from '../../provider.js';
import { causeOf as causeOfEnding } from '../common/ending.js';
import { outOfMemoryKills } from './proc.js';

/** How a child process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Of what it wrote to standard error, secrets blotted out. */
  readonly lastWords: string;
}

export function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

/**
 * Why it ended, as far as can be told: the kernel says only how many processes it has killed for want of memory on the
 * whole machine, so that count from before the engine's start is compared with the one of now.
 */
export function causeOf({ code, signal, lastWords }: Ending, killsBefore: number): EngineDeath['cause'] {
  const outOfMemory = signal === 'SIGKILL' && outOfMemoryKills() > killsBefore;
  return causeOfEnding({ exitCode: code ?? undefined, signal: signal ?? undefined, outOfMemory, lastWords });
}

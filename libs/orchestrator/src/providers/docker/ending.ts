import type { EngineDeath } from '../../provider.js';
import { causeOf as causeOfEnding, signalOf } from '../common/ending.js';

/** How a container ended. Docker tells that of the kernel's out-of-memory killer by an event of its own. */
export interface ContainerEnding {
  readonly exitCode: number;
  readonly outOfMemory: boolean;
}

export function describeEnding({ exitCode, outOfMemory }: ContainerEnding): string {
  const signal = signalOf(exitCode);
  const how = signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`;
  return outOfMemory ? `${how}, out of its memory` : how;
}

export function causeOf(ending: ContainerEnding, lastWords: string): EngineDeath['cause'] {
  return causeOfEnding({ ...ending, signal: undefined, lastWords });
}

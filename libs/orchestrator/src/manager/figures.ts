import type { OrchestratorStatistics, WaitStep } from '../orchestrator.js';
import type { Places } from './places.js';

type Figures = Pick<OrchestratorStatistics, 'active' | 'spare' | 'waiting'>;

/** What runs now, and who waits for what. */
export function figuresOf({ current, ending, spares }: Places, queued: number): Figures {
  const slots = [...current.values()];
  const waiting: Partial<Record<WaitStep, number>> = queued > 0 ? { queued } : {};
  for (const { state, step } of slots) if (state === 'starting') waiting[step] = (waiting[step] ?? 0) + 1;
  return {
    active: [...slots, ...ending].filter(({ spawned }) => spawned).length,
    spare: [...spares].filter(({ state }) => state === 'spare').length,
    waiting,
  };
}

import type { Clock } from '@pondpilot/kernel';
import type { EngineDeath, StopReason } from '../provider.js';
import { Deferred } from '../deferred.js';

/** Of more ends than these the oldest are forgotten. */
const MOST = 256;
/** How long the news of an end may come after the end of its connections. */
const NEWS_MS = 1000;

/** What users read of engines that were stopped; of other reasons none had a statement in flight. */
const STOPPED: Partial<Record<StopReason, string>> = {
  broken: 'It could not be trusted any more, or did not answer, and was replaced.',
  shutdown: 'The server is shutting down.',
};

const DIED: Record<EngineDeath['cause'], (detail: string) => string> = {
  out_of_memory: () =>
    'It ran out of its memory. Ask for less at once, or ask the operator to raise "containers.memory_limit".',
  out_of_time: () =>
    'A statement could not be stopped when its time was over ("limits.statement_time"), and the engine ended.',
  crashed: (detail) =>
    `It crashed (${detail}), most likely by what a statement asked of it: very deep nesting, or more memory than there is ("containers.memory_limit").`,
  killed: (detail) => `It was killed from outside (${detail}).`,
  exited: (detail) => `It ended by itself, which is a fault of the engine (${detail}).`,
  vanished: () => 'It is gone, and nobody knows how.',
};

/** Why engines have ended, for those whose calls ended with them. */
export class Ends {
  private readonly reasons = new Map<string, string>();
  private readonly asked = new Map<string, Deferred<string | undefined>>();

  constructor(private readonly clock: Clock) {}

  died({ engineId, cause, detail }: EngineDeath): void {
    this.tell(engineId, DIED[cause](detail));
  }

  stopped(engineId: string, reason: StopReason): void {
    const text = STOPPED[reason];
    if (text !== undefined) this.tell(engineId, text);
  }

  /** Undefined where nothing is heard of its end within a moment. */
  reasonOf(engineId: string): Promise<string | undefined> {
    const reason = this.reasons.get(engineId);
    if (reason !== undefined) return Promise.resolve(reason);
    const waiting = this.asked.get(engineId) ?? this.ask(engineId);
    return waiting.promise;
  }

  private ask(engineId: string): Deferred<string | undefined> {
    const waiting = new Deferred<string | undefined>();
    this.asked.set(engineId, waiting);
    this.clock.after(NEWS_MS, () => {
      this.asked.delete(engineId);
      waiting.resolve(undefined);
    });
    return waiting;
  }

  private tell(engineId: string, reason: string): void {
    this.reasons.set(engineId, reason);
    this.asked.get(engineId)?.resolve(reason);
    const [oldest] = this.reasons.keys();
    if (this.reasons.size > MOST && oldest !== undefined) this.reasons.delete(oldest);
  }
}

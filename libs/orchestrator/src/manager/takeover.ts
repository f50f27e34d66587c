import type { Clock } from '@pondpilot/kernel';
import type { EngineLog } from './engine-log.js';
import { reasonOf, startFailed } from './failures.js';

const AGAIN_MS = 5000;

export interface TakeoverParts {
  readonly log: EngineLog;
  readonly clock: Clock;
  /** Takes over what an earlier proxy has left. Rejects where the provider does not answer. */
  readonly takeOver: () => Promise<void>;
}

/**
 * What must be known before an engine is started: those that an earlier proxy has left, or a user would have two. Where
 * the provider does not answer it is asked again, with each request and every some seconds.
 */
export class Takeover {
  private attempt: Promise<void> | undefined;
  private begun = false;
  private done = false;
  private closed = false;
  private cancelTimer: (() => void) | undefined;
  private told: string | undefined;

  constructor(private readonly parts: TakeoverParts) {}

  /** Resolves after the first attempt, whatever came of it. */
  async begin(): Promise<void> {
    this.begun = true;
    await this.try().catch(() => {});
  }

  /** Does anything stand between a request and its engine? */
  get pending(): boolean {
    return this.begun && !this.done;
  }

  /** Resolves when it is done; rejects, as a start that has failed, where the provider does not answer now. */
  async finish(): Promise<void> {
    try {
      await this.try();
    } catch (error) {
      throw startFailed(error, AGAIN_MS);
    }
  }

  close(): void {
    this.closed = true;
    this.cancelTimer?.();
  }

  private try(): Promise<void> {
    if (this.done) return Promise.resolve();
    this.attempt ??= this.tryOnce().finally(() => (this.attempt = undefined));
    return this.attempt;
  }

  private async tryOnce(): Promise<void> {
    this.cancelTimer?.();
    try {
      await this.parts.takeOver();
      this.done = true;
    } catch (error) {
      this.tell(reasonOf(error));
      if (!this.closed)
        this.cancelTimer = this.parts.clock.after(AGAIN_MS, () => void this.try().catch(() => {}));
      throw error;
    }
  }

  private tell(error: string): void {
    if (this.told === error) return;
    this.told = error;
    this.parts.log.error('Containers of an earlier proxy not adopted', { error });
  }
}

import type { Clock } from '@pondpilot/kernel';
import type { EngineLease, Orchestrator, Owner } from '@pondpilot/orchestrator';
import { acquireFor, waitFor } from './acquire.js';

/** For so long after an answer the wait goes on without a poll: ADBC's driver asks again after at most 5 s. */
export const KEPT_MS = 10_000;

/**
 * The waits for engines of those who poll. Each goes on after a poll was answered, so that the next one finds its place
 * in the queue, and what became of it; one that nobody asks for any more ends.
 */
export class PolledWaits {
  /** By connection, then by owner. */
  private readonly waits = new Map<number, Map<string, PolledWait>>();

  constructor(
    private readonly orchestrator: Orchestrator,
    private readonly clock: Clock,
  ) {}

  /** The wait that a poll of this owner over this connection has part in, until it leaves it. */
  enter(connectionId: number, owner: Owner): PolledWait {
    const waits = this.waits.get(connectionId) ?? new Map<string, PolledWait>();
    this.waits.set(connectionId, waits);
    const key = `${owner.profile} ${owner.userId}`;
    const before = waits.get(key);
    if (before && !before.holding) return before.enter();
    const forget = () => {
      if (waits.get(key) === wait) waits.delete(key);
      if (waits.size === 0 && this.waits.get(connectionId) === waits) this.waits.delete(connectionId);
    };
    const wait = new PolledWait(this.orchestrator, this.clock, owner, forget);
    waits.set(key, wait);
    // An engine that became ready between two polls may be gone; one that is not stays held.
    before?.end();
    return wait.enter();
  }

  /** The connection is gone. */
  closed(connectionId: number): void {
    const waits = this.waits.get(connectionId) ?? new Map<string, PolledWait>();
    for (const wait of waits.values()) wait.end();
  }
}

/** One wait of one user over one connection. */
export class PolledWait {
  private readonly aborter = new AbortController();
  private readonly ready: Promise<void>;
  private lease: EngineLease | undefined;
  private polls = 0;
  private keptUntil = 0;
  private cancelTimer: (() => void) | undefined;
  private ended = false;

  /** The wait begins at once. `onEnd` is called when nothing of it is left. */
  constructor(
    private readonly orchestrator: Orchestrator,
    private readonly clock: Clock,
    private readonly owner: Owner,
    private readonly onEnd: () => void,
  ) {
    this.ready = this.acquire();
    // It may fail between two polls: the next one is told.
    this.ready.catch(() => {});
  }

  /** Does it hold the engine by now? */
  get holding(): boolean {
    return this.lease !== undefined;
  }

  enter(): this {
    this.polls += 1;
    this.cancelTimer?.();
    return this;
  }

  /** Resolves with whether the engine is ready, after `ms` at the latest; rejects where the wait or the poll has ended. */
  within(ms: number, signal: AbortSignal): Promise<boolean> {
    return waitFor(this.orchestrator, this.owner, signal, async () => {
      let cancel = () => {};
      const late = new Promise<boolean>((resolve) => {
        cancel = this.clock.after(ms, () => resolve(false));
      });
      try {
        return await Promise.race([this.ready.then(() => true), late]);
      } catch (error) {
        // It is told once: the next poll tries again.
        this.end();
        throw error;
      } finally {
        cancel();
      }
    });
  }

  /** The poll is answered that the engine is waited for, and so another one is to come. */
  keep(): void {
    this.keptUntil = this.clock.now() + KEPT_MS;
  }

  leave(): void {
    this.polls -= 1;
    if (this.polls > 0 || this.ended) return;
    const left = this.keptUntil - this.clock.now();
    if (left > 0) this.cancelTimer = this.clock.after(left, () => this.end());
    else this.end();
  }

  /** Gives up the place in the queue, or the engine. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.cancelTimer?.();
    this.aborter.abort();
    this.lease?.release();
    this.onEnd();
  }

  private async acquire(): Promise<void> {
    this.lease = await acquireFor(this.orchestrator, this.owner, this.aborter.signal);
    if (this.ended) this.lease.release();
  }
}

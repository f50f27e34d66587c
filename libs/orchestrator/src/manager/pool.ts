import type { Clock } from '@pondpilot/kernel';
import type { EngineProfile } from '../orchestrator.js';
import { Backoff } from './backoff.js';
import type { ManagerOptions } from './options.js';
import type { Places } from './places.js';
import type { Starts } from './starts.js';

/** The user who has just got an engine works first. */
const REFILL_AFTER_MS = 100;
/** How often it is looked for room where there was none. */
const AGAIN_MS = 1000;

export interface PoolParts {
  readonly places: Places;
  readonly starts: Starts;
  readonly options: Pick<ManagerOptions, 'profiles'>;
  readonly clock: Clock;
  /** Is nobody waiting for the room that a spare engine of this profile would take? */
  readonly roomToSpare: (profile: EngineProfile) => boolean;
}

/** Keeps spare engines running for users to come, so many of each profile, and boots one at a time. */
export class Pool {
  private readonly backoff: Backoff;
  private cancelTimer: (() => void) | undefined;
  private open = false;

  constructor(private readonly parts: PoolParts) {
    this.backoff = new Backoff(parts.clock, 0);
  }

  start(): void {
    this.open = true;
    this.fill();
  }

  close(): void {
    this.open = false;
    this.cancelTimer?.();
  }

  /** A spare engine was taken, ended, or there is room again. */
  refill(): void {
    if (this.open && !this.cancelTimer) this.later(Math.max(REFILL_AFTER_MS, this.backoff.remainingMs));
  }

  booted(): void {
    this.backoff.succeeded();
    this.refill();
  }

  failed(): void {
    this.backoff.failed();
    this.refill();
  }

  /** Is another spare engine of this profile wanted, beside those there are? */
  wants(profile: EngineProfile): boolean {
    const { options, places } = this.parts;
    const there = [...places.spares].filter((slot) => slot.profile === profile).length;
    return there < (options.profiles[profile].spares ?? 0);
  }

  private later(ms: number): void {
    this.cancelTimer = this.parts.clock.after(ms, () => {
      this.cancelTimer = undefined;
      this.fill();
    });
  }

  private fill(): void {
    const { options, places, starts, roomToSpare } = this.parts;
    if (!this.open || [...places.spares].some(({ state }) => state === 'booting')) return;
    const wanted = (Object.keys(options.profiles) as EngineProfile[]).filter((profile) =>
      this.wants(profile),
    );
    if (wanted.length === 0) return;
    const { remainingMs } = this.backoff;
    if (remainingMs > 0) return this.later(remainingMs);
    for (const profile of wanted) {
      const slot = roomToSpare(profile) ? places.enterSpare(profile) : undefined;
      if (slot) return starts.beginSpare(slot);
    }
    // Who waits may give up, and nothing else would tell.
    this.later(AGAIN_MS);
  }
}

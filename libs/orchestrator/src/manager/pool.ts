import type { Clock } from '@pondpilot/kernel';
import type { EngineProfile } from '../orchestrator.js';
import { Backoff } from './backoff.js';
import type { ManagerOptions } from './options.js';
import type { Places } from './places.js';
import type { Starts } from './starts.js';

/** The user who has just got an engine works first. */
const REFILL_AFTER_MS = 100;

export interface PoolParts {
  readonly places: Places;
  readonly starts: Starts;
  readonly options: Pick<ManagerOptions, 'profiles'>;
  readonly clock: Clock;
  /** Is nobody waiting for the room that a spare engine would take? */
  readonly roomToSpare: () => boolean;
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
    const { options, places, starts } = this.parts;
    if (!this.open || this.backoff.remainingMs > 0 || !this.parts.roomToSpare()) return;
    if ([...places.spares].some(({ state }) => state === 'booting')) return;
    for (const profile of Object.keys(options.profiles) as EngineProfile[]) {
      const slot = this.wants(profile) ? places.enterSpare(profile) : undefined;
      if (slot) return starts.beginSpare(slot);
    }
  }
}

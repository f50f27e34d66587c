import type { Clock } from '@pondpilot/kernel';
import { Backoff } from './backoff.js';
import { startFailed } from './failures.js';

/** So many failed starts in a row, of whatever users, are no reason yet to hold back everyone's. */
const TOLERATED = 2;
/** A user's failures are forgotten when nothing was tried for so long after the wait for them. */
const FORGET_MS = 300_000;
/** When to ask again while one start shows whether the provider works again. */
const PROBE_MS = 1000;

/**
 * Holds starts back after failed ones: a user's after each of theirs, everyone's after several in a row. Then one
 * start at a time shows whether the provider works again, so that a broken one is not hammered by all users at once.
 */
export class StartLimits {
  private readonly users = new Map<string, Backoff>();
  private readonly all: Backoff;
  private running = 0;
  private lastError: unknown;

  constructor(private readonly clock: Clock) {
    this.all = new Backoff(clock, TOLERATED);
  }

  /** Throws `unavailable`, with how long to wait, where this user's engine may not be started now. */
  requireAllowed(key: string): void {
    const probing = this.all.tripped && this.running > 0 ? PROBE_MS : 0;
    const waitMs = Math.max(this.users.get(key)?.remainingMs ?? 0, this.all.remainingMs, probing);
    if (waitMs > 0) throw startFailed(this.lastError, waitMs);
  }

  /** A start begins; one of the three below ends it. */
  began(): void {
    this.running += 1;
  }

  succeeded(key: string): void {
    this.running -= 1;
    this.users.delete(key);
    this.all.succeeded();
    this.lastError = undefined;
  }

  /** Returns the milliseconds after which this user may try again. */
  failed(key: string, error: unknown): number {
    this.running -= 1;
    this.lastError = error;
    const user = this.users.get(key) ?? new Backoff(this.clock, 0);
    this.users.set(key, user);
    user.failed();
    this.all.failed();
    return Math.max(user.remainingMs, this.all.remainingMs);
  }

  /** It says nothing of the provider, e.g. because the server ends. */
  abandoned(): void {
    this.running -= 1;
  }

  /** Forgets users who have not tried again. */
  tidy(): void {
    for (const [key, user] of this.users) if (user.overForMs > FORGET_MS) this.users.delete(key);
  }
}

import type { Clock } from '@pondpilot/kernel';

const FIRST_MS = 1000;
const MAX_MS = 30_000;

/** Failures in a row, and how long nothing is tried because of them: from 1 s on, twice as long each time, up to 30 s. */
export class Backoff {
  private failures = 0;
  private raises = 0;
  private until = -Infinity;

  constructor(
    private readonly clock: Clock,
    /** So many failures in a row have no effect yet. */
    private readonly tolerated: number,
  ) {}

  /** Are there more failures in a row than are tolerated? */
  get tripped(): boolean {
    return this.failures > this.tolerated;
  }

  /** Milliseconds until something may be tried again; 0 where it may now. */
  get remainingMs(): number {
    return Math.max(0, this.until - this.clock.now());
  }

  /** Milliseconds since it last ended or, where it is on, a negative number. */
  get overForMs(): number {
    return this.clock.now() - this.until;
  }

  failed(): void {
    this.failures += 1;
    // Attempts that began together are one failure.
    if (!this.tripped || this.remainingMs > 0) return;
    this.until = this.clock.now() + Math.min(MAX_MS, FIRST_MS * 2 ** this.raises);
    this.raises += 1;
  }

  succeeded(): void {
    this.failures = 0;
    this.raises = 0;
    this.until = -Infinity;
  }
}

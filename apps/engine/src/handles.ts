import { randomUUID } from 'node:crypto';
import { DomainError, type Clock } from '@pondpilot/kernel';

interface Entry<T> {
  readonly value: T;
  usedAt: number;
}

/**
 * Things that clients name by an opaque handle. Many clients never give them back, so each ends when it has not been
 * used for a while, and the oldest go first when there are too many.
 */
export class Handles<T> {
  /** In the order of their last use. */
  private readonly entries = new Map<string, Entry<T>>();

  constructor(
    private readonly what: string,
    private readonly clock: Clock,
    private readonly timeToLiveMs: number,
    private readonly limit: number,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  *values(): Generator<T> {
    for (const { value } of this.entries.values()) yield value;
  }

  add(value: T): Uint8Array {
    return this.addNamed(() => value);
  }

  /** As `add`, for a value that knows its handle. */
  addNamed(make: (handle: Uint8Array) => T): Uint8Array {
    this.expire();
    const key = randomUUID();
    const handle = Buffer.from(key);
    this.entries.set(key, { value: make(handle), usedAt: this.clock.now() });
    return handle;
  }

  /** Throws `not_found` for a handle that was never given, was closed or has ended. */
  get(handle: Uint8Array): T {
    this.expire();
    const key = Buffer.from(handle).toString('latin1');
    const entry = this.entries.get(key);
    if (!entry)
      throw new DomainError(
        'not_found',
        `There is no such ${this.what}: it was closed or has expired. Run the statement again.`,
      );
    this.entries.delete(key);
    entry.usedAt = this.clock.now();
    this.entries.set(key, entry);
    return entry.value;
  }

  /** Closing an unknown handle is fine. */
  remove(handle: Uint8Array): void {
    this.entries.delete(Buffer.from(handle).toString('latin1'));
  }

  removeWhere(matches: (value: T) => boolean): void {
    for (const [key, { value }] of this.entries) if (matches(value)) this.entries.delete(key);
  }

  private expire(): void {
    const oldest = this.clock.now() - this.timeToLiveMs;
    for (const [key, { usedAt }] of this.entries) {
      if (usedAt > oldest && this.entries.size < this.limit) return;
      this.entries.delete(key);
    }
  }
}

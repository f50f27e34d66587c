import type { Clock } from '@pondpilot/kernel';
import { Deferred } from '../deferred.js';
import type { EngineProfile, Owner } from '../orchestrator.js';
import { clientGone, queueFull, waitedInVain, type Limit } from './failures.js';
import { HOST_LIMIT, type ManagerOptions } from './options.js';
import { Slot, slotKey } from './slot.js';

/**
 * Gives this owner a slot, or tells which limit keeps it from one. The limits whose settings are `taken` count as
 * reached: others wait for them already. Throws where the owner is to be refused at once.
 */
export type Admit = (owner: Owner, taken: ReadonlySet<string>) => Slot | Limit;

/** One request that waits. */
interface Waiter {
  readonly placed: Deferred<Slot>;
  /** Ends its timer, and its watch of the client. */
  readonly forget: () => void;
}

/** One user who waits, by all of their requests. */
interface Entry {
  readonly owner: Owner;
  readonly waiters: Set<Waiter>;
  limit: Limit | undefined;
}

/**
 * Those who wait for room, first come, first served: nobody is admitted while someone before them waits for the same
 * limit. Who waits for a profile's own limit does not hold up other profiles.
 */
export class Queue {
  /** In the order of their coming. */
  private readonly entries = new Map<string, Entry>();
  private serving = false;
  private again = false;

  constructor(
    private readonly options: Pick<ManagerOptions, 'queueTimeoutMs' | 'maxQueue'>,
    private readonly clock: Clock,
    private readonly admit: Admit,
  ) {}

  /** How many users wait. */
  get length(): number {
    return this.entries.size;
  }

  /**
   * Waits for a slot, which then counts this request among its leases. Rejects with `resource_exhausted` when the time
   * is over or too many wait, with `cancelled` by the signal, and with what `admit` throws.
   */
  wait(owner: Owner, signal: AbortSignal | undefined): Promise<Slot> {
    const key = slotKey(owner);
    const entry: Entry = this.entries.get(key) ?? { owner, waiters: new Set(), limit: undefined };
    const waiter = this.join(entry, signal);
    this.entries.set(key, entry);
    this.serve();
    return waiter.placed.promise;
  }

  /** Admits all whose turn it is. To be called whenever a place may have become free. */
  serve(): void {
    // Who comes while others are admitted must not pass those who are left.
    this.again = true;
    if (this.serving) return;
    this.serving = true;
    while (this.again) {
      this.again = false;
      this.serveOnce();
    }
    this.serving = false;
  }

  /** Does anyone wait for room that an engine of this profile would take? */
  waitsBefore(profile: EngineProfile): boolean {
    return [...this.entries.values()].some(
      ({ owner, limit }) => owner.profile === profile || limit?.setting === HOST_LIMIT,
    );
  }

  /** The place of this user among those who wait, from 1; undefined where they do not. */
  placeOf(owner: Owner): number | undefined {
    const place = [...this.entries.keys()].indexOf(slotKey(owner)) + 1;
    return place === 0 ? undefined : place;
  }

  /** Refuses all who wait, each with the error for their place. */
  refuseAll(errorFor: (place: number) => Error): void {
    [...this.entries].forEach(([key, entry], index) => this.refuse(key, entry, errorFor(index + 1)));
  }

  private serveOnce(): void {
    // Time goes on meanwhile: an engine that may leave only now is for those before.
    const taken = new Map<string, number>();
    for (const [key, entry] of this.entries) {
      try {
        const outcome = this.admit(entry.owner, new Set(taken.keys()));
        if (outcome instanceof Slot) {
          this.place(key, entry, outcome);
          continue;
        }
        entry.limit = outcome;
        // Those who wait for another limit take nobody's place here.
        const left = (taken.get(outcome.setting) ?? 0) + 1;
        taken.set(outcome.setting, left);
        // Only who comes last can be one too many.
        if (left > this.options.maxQueue) throw queueFull(outcome, this.options.maxQueue);
      } catch (error) {
        this.refuse(key, entry, error as Error);
      }
    }
  }

  private join(entry: Entry, signal: AbortSignal | undefined): Waiter {
    const leave = (reason: Error) => this.leave(entry, waiter, reason);
    const onAbort = () => leave(clientGone());
    const { queueTimeoutMs } = this.options;
    const cancelTimer = this.clock.after(queueTimeoutMs, () =>
      leave(waitedInVain(entry.limit!, this.placeOf(entry.owner) ?? 1, queueTimeoutMs)),
    );
    signal?.addEventListener('abort', onAbort);
    const forget = () => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
    };
    const waiter: Waiter = { placed: new Deferred<Slot>(), forget };
    entry.waiters.add(waiter);
    return waiter;
  }

  private leave(entry: Entry, waiter: Waiter, reason: Error): void {
    waiter.forget();
    waiter.placed.reject(reason);
    entry.waiters.delete(waiter);
    if (entry.waiters.size === 0) this.entries.delete(slotKey(entry.owner));
  }

  private place(key: string, { waiters }: Entry, slot: Slot): void {
    this.entries.delete(key);
    slot.hold(waiters.size);
    for (const { placed, forget } of waiters) {
      forget();
      placed.resolve(slot);
    }
  }

  private refuse(key: string, { waiters }: Entry, error: Error): void {
    this.entries.delete(key);
    for (const { placed, forget } of waiters) {
      forget();
      placed.reject(error);
    }
  }
}

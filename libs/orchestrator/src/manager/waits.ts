import type { Clock } from '@pondpilot/kernel';
import type { Owner, Waiting } from '../orchestrator.js';
import type { EngineLog } from './engine-log.js';
import { slotKey } from './slot.js';

/** After how long the log tells of a wait for the first time, and how often it does later. */
const FIRST_MS = 1000;
const EVERY_MS = 10_000;

interface Wait {
  requests: number;
  readonly since: number;
  cancel: () => void;
}

/** Tells the log how users wait, one line for each at a time, however many requests of theirs wait. */
export class Waits {
  private readonly waits = new Map<string, Wait>();

  constructor(
    private readonly log: EngineLog,
    private readonly clock: Clock,
    private readonly waitOf: (owner: Owner) => Waiting | undefined,
  ) {}

  /** Awaits the work of a request of this user. */
  async during<T>(owner: Owner, work: Promise<T>): Promise<T> {
    const key = slotKey(owner);
    const wait = this.waits.get(key) ?? this.begin(key, owner);
    wait.requests += 1;
    try {
      return await work;
    } finally {
      wait.requests -= 1;
      if (wait.requests === 0) {
        wait.cancel();
        this.waits.delete(key);
      }
    }
  }

  private begin(key: string, owner: Owner): Wait {
    const wait: Wait = { requests: 0, since: this.clock.now(), cancel: () => {} };
    this.waits.set(key, wait);
    const tellAfter = (ms: number) => {
      wait.cancel = this.clock.after(ms, () => {
        this.tell(owner, wait);
        tellAfter(EVERY_MS);
      });
    };
    tellAfter(FIRST_MS);
    return wait;
  }

  private tell(owner: Owner, { since }: Wait): void {
    const waiting = this.waitOf(owner);
    if (!waiting) return;
    const { step, place } = waiting;
    const waited_ms = String(this.clock.now() - since);
    const fields = { user_id: owner.userId, step, waited_ms };
    this.log.info('Container awaited', place === undefined ? fields : { ...fields, place: String(place) });
  }
}

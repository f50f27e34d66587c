import type { Owner } from '../orchestrator.js';
import type { Limit } from './failures.js';
import type { ManagerOptions } from './options.js';
import { Slot } from './slot.js';

/** The setting behind each profile's own limit. */
const LIMIT_SETTING = {
  normal: 'containers.max_per_host',
  demo: 'security.demo_tokens.max_engines',
} as const;

interface CoveringLimit extends Limit {
  readonly covers: (slot: Slot) => boolean;
}

/**
 * The places of a host. All of it runs without a pause, so no request can come between a count and what follows
 * from it: a new slot is entered before anything of its engine exists, and leaves once nothing of it is left.
 */
export class Places {
  /** The slot of each user that starts or is ready. */
  readonly current = new Map<string, Slot>();
  /** Slots whose engine is being stopped. */
  readonly ending = new Set<Slot>();

  constructor(
    private readonly options: ManagerOptions,
    /** May this idle engine be stopped for another user? */
    private readonly mayLeave: (slot: Slot) => boolean,
    /** Begins to stop an engine, or tries again where that has failed. */
    private readonly stop: (slot: Slot) => void,
  ) {}

  /**
   * Enters a slot for one more engine of this owner; its launch must wait for the end of its `predecessors`. Where a
   * limit is reached and no engine may leave, or where the limit's setting is `taken`, enters nothing and returns the
   * limit.
   */
  enter(owner: Owner, taken: ReadonlySet<string>): Slot | Limit {
    const limits = this.limitsFor(owner);
    const reached = limits.find(({ setting }) => taken.has(setting));
    if (reached) return reached;
    const slot = new Slot(owner);
    for (const limit of limits) {
      if (this.count(limit) < limit.max) continue;
      // The first limit leaves room for the second, so nothing is stopped for a request that then has to wait.
      const leaving = this.leaving(limit);
      if (!leaving) return limit;
      leaving.placeGiven = true;
      slot.placesOf.push(leaving);
    }
    const ofSameUser = [...this.ending].filter((ending) => ending.key === slot.key);
    for (const ending of ofSameUser) this.retry(ending);
    slot.predecessors = [...new Set([...slot.placesOf, ...ofSameUser])];
    this.current.set(slot.key, slot);
    return slot;
  }

  /** Takes out a slot of which no engine exists. Those that could not be stopped have their places again. */
  leave(slot: Slot): void {
    slot.state = 'gone';
    this.current.delete(slot.key);
    for (const predecessor of slot.placesOf) predecessor.placeGiven = false;
  }

  /** Engines that nobody uses now, those first that nobody has used for the longest time. */
  idle(): Slot[] {
    const idle = [...this.current.values()].filter((slot) => slot.idle);
    return idle.toSorted((a, b) => a.unusedSince - b.unusedSince);
  }

  private limitsFor(owner: Owner): CoveringLimit[] {
    const host = { max: this.options.maxPerHost, setting: LIMIT_SETTING.normal, covers: () => true };
    const max = this.options.profiles[owner.profile].maxEngines;
    if (max === undefined) return [host];
    const covers = (slot: Slot) => slot.owner.profile === owner.profile;
    return [{ max, setting: LIMIT_SETTING[owner.profile], covers }, host];
  }

  private count(limit: CoveringLimit): number {
    const all = [...this.current.values(), ...this.ending];
    return all.filter((slot) => limit.covers(slot) && !slot.placeGiven).length;
  }

  /** One that is being stopped anyway, else the engine that nobody has used for the longest time. */
  private leaving(limit: CoveringLimit): Slot | undefined {
    const ending = [...this.ending].find((slot) => limit.covers(slot) && !slot.placeGiven);
    if (ending) {
      this.retry(ending);
      return ending;
    }
    const victim = this.idle().find((slot) => limit.covers(slot) && this.mayLeave(slot));
    if (victim) this.stop(victim);
    return victim;
  }

  private retry(slot: Slot): void {
    if (slot.stopFailed) this.stop(slot);
  }
}

import type { EngineProfile, Owner } from '../orchestrator.js';
import type { Limit } from './failures.js';
import { HOST_LIMIT, type ManagerOptions } from './options.js';
import { Slot } from './slot.js';

/** The setting behind each profile's own limit. */
const LIMIT_SETTING = {
  normal: HOST_LIMIT,
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
  /** Slots whose engine is nobody's yet. */
  readonly spares = new Set<Slot>();

  constructor(
    private readonly options: ManagerOptions,
    /** May this idle engine be stopped for another user? */
    private readonly mayLeave: (slot: Slot) => boolean,
    /** Begins to stop an engine, or tries again where that has failed. */
    private readonly stop: (slot: Slot) => void,
  ) {}

  /**
   * Enters a slot for one more engine of this owner, a spare one where there is one; its start must wait for the end of
   * its `predecessors`. Where a limit is reached and no engine may leave, or where the limit's setting is `taken`, enters
   * nothing and returns the limit.
   */
  enter(owner: Owner, taken: ReadonlySet<string>): Slot | Limit {
    const spare = this.spareFor(owner.profile);
    if (spare) {
      this.spares.delete(spare);
      spare.assign(owner);
      this.settle(spare);
      return spare;
    }
    const limits = this.limitsFor(owner.profile);
    const reached = limits.find(({ setting }) => taken.has(setting));
    if (reached) return reached;
    const slot = new Slot(owner.profile, owner);
    for (const limit of limits) {
      if (this.count(limit) < limit.max) continue;
      // The first limit leaves room for the second, so nothing is stopped for a request that then has to wait.
      const leaving = this.leaving(limit);
      if (!leaving) return limit;
      leaving.placeGiven = true;
      slot.placesOf.push(leaving);
    }
    this.settle(slot);
    return slot;
  }

  /** Enters a slot for a spare engine where there is room without anyone's leaving. */
  enterSpare(profile: EngineProfile): Slot | undefined {
    if (this.limitsFor(profile).some((limit) => this.count(limit) >= limit.max)) return undefined;
    const slot = new Slot(profile);
    this.spares.add(slot);
    return slot;
  }

  /** Enters a slot for an engine that runs already. */
  enterRunning(slot: Slot): void {
    if (slot.spare) this.spares.add(slot);
    else this.current.set(slot.key, slot);
  }

  /** One that waits for a user of this profile, or will when it has booted. */
  spareFor(profile: EngineProfile): Slot | undefined {
    const spares = [...this.spares].filter((slot) => slot.profile === profile);
    return spares.find(({ state }) => state === 'spare') ?? spares[0];
  }

  /** Takes a slot out of use whose engine is to be stopped. */
  withdraw(slot: Slot): void {
    this.remove(slot);
    this.ending.add(slot);
  }

  /** Takes out a slot of which no engine exists. Those that could not be stopped have their places again. */
  leave(slot: Slot): void {
    slot.state = 'gone';
    this.remove(slot);
    for (const predecessor of slot.placesOf) predecessor.placeGiven = false;
  }

  /** Engines that nobody uses now, those first that nobody has used for the longest time. */
  idle(): Slot[] {
    const idle = [...this.current.values()].filter((slot) => slot.idle);
    return idle.toSorted((a, b) => a.unusedSince - b.unusedSince);
  }

  private settle(slot: Slot): void {
    const { key } = slot;
    const ofSameUser = [...this.ending].filter((ending) => !ending.spare && ending.key === key);
    for (const ending of ofSameUser) this.retry(ending);
    slot.predecessors = [...new Set([...slot.placesOf, ...ofSameUser])];
    this.current.set(key, slot);
  }

  private remove(slot: Slot): void {
    if (slot.spare) this.spares.delete(slot);
    else this.current.delete(slot.key);
  }

  private limitsFor(profile: EngineProfile): CoveringLimit[] {
    const host = { max: this.options.maxPerHost, setting: LIMIT_SETTING.normal, covers: () => true };
    const max = this.options.profiles[profile].maxEngines;
    if (max === undefined) return [host];
    const covers = (slot: Slot) => slot.profile === profile;
    return [{ max, setting: LIMIT_SETTING[profile], covers }, host];
  }

  private count(limit: CoveringLimit): number {
    const all = [...this.current.values(), ...this.ending, ...this.spares];
    return all.filter((slot) => limit.covers(slot) && !slot.placeGiven).length;
  }

  /** One that is being stopped anyway, else a spare one, else the engine that nobody has used for the longest time. */
  private leaving(limit: CoveringLimit): Slot | undefined {
    const ending = [...this.ending].find((slot) => limit.covers(slot) && !slot.placeGiven);
    if (ending) {
      this.retry(ending);
      return ending;
    }
    const spare = [...this.spares].find((slot) => limit.covers(slot) && slot.state === 'spare');
    const victim = spare ?? this.idle().find((slot) => limit.covers(slot) && this.mayLeave(slot));
    if (victim) this.stop(victim);
    return victim;
  }

  private retry(slot: Slot): void {
    if (slot.stopFailed) this.stop(slot);
  }
}

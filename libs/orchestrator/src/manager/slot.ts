import { secretsEqual } from '@pondpilot/kernel';
import { Deferred } from '../deferred.js';
import type { EngineLease, EngineProfile, Owner, WaitStep } from '../orchestrator.js';
import type { RunningEngine, StopReason } from '../provider.js';
import type { ManagerOptions } from './options.js';

/** Names a user's engine: one per profile and user. */
export function slotKey(owner: Owner): string {
  return `${owner.profile}\n${owner.userId}`;
}

type SealOwner = ManagerOptions['sealOwner'];

/** What an engine is told of its owner, and tells the next proxy. */
export function sealedKey(engineId: string, owner: Owner, seal: SealOwner): string {
  const key = slotKey(owner);
  return `${seal(engineId, key)}\n${key}`;
}

/** Reads what this engine was told of its owner; undefined where nobody has told it that. */
export function ownerIn(engineId: string, sealed: string, seal: SealOwner): Owner | undefined {
  const end = sealed.indexOf('\n');
  const key = sealed.slice(end + 1);
  return end > 0 && secretsEqual(sealed.slice(0, end), seal(engineId, key)) ? ownerOf(key) : undefined;
}

/** The owner that a key names; undefined where it is none of `slotKey`. */
export function ownerOf(key: string): Owner | undefined {
  const end = key.indexOf('\n');
  const [profile, userId] = [key.slice(0, end), key.slice(end + 1)];
  if ((profile !== 'normal' && profile !== 'demo') || userId === '') return undefined;
  return { profile, userId };
}

/**
 * One place of the host, taken by one engine from before its launch until nothing of it is left.
 * `starting` → `ready` → `ending` → `gone`; a death skips `ending`, and so does a start that fails before its launch.
 * A spare one, which is nobody's yet, is `booting` → `spare` until a user gets it, and `starting` from then on.
 */
export class Slot {
  state: 'booting' | 'spare' | 'starting' | 'ready' | 'ending' | 'gone';
  /** What its start is at. */
  step: WaitStep = 'waiting_for_room';
  /** When its user began to wait for it; milliseconds of the clock. */
  awaitedSince = 0;
  engine: RunningEngine | undefined;
  /** Was it ever handed out, and so logged and counted as spawned? */
  spawned = false;
  /** Settles when there is an engine, which is nobody's yet. Only of slots that began as spare ones. */
  launched: Promise<void> | undefined;
  /** Settles when the engine is ready or its start has failed. */
  started: Promise<void> = Promise.resolve();
  /** While `ending`: settles when the latest attempt to stop it is over. */
  ended: Promise<void> = Promise.resolve();
  /** While `ending`: why. */
  stopReason: StopReason | undefined;
  /** While `ending`: the latest attempt to stop it failed, and the next check tries again. */
  stopFailed = false;
  /** While `ending`: another slot waits for its end and has its place. */
  placeGiven = false;
  /** Slots whose places this one has. */
  readonly placesOf: Slot[] = [];
  /** Slots whose end its launch waits for. */
  predecessors: Slot[] = [];
  /** When it last became unused; milliseconds of the clock. */
  unusedSince = 0;
  /** Requests that hold it, those that still wait for its start included. */
  leases = 0;
  /** Requests that ever held it. */
  uses = 0;
  /** The number of uses after which the engine said that nothing is open in it; undefined where it has not. */
  clearAfterUse: number | undefined;
  /** Since when it is a spare one; milliseconds of the clock. */
  spareSince = 0;
  /** What is known of its health. */
  health = new SlotHealth();
  /** Started by an earlier proxy with another configuration: to be stopped when nobody uses it. */
  outdated = false;
  private broken = new Deferred<never>();
  private user: Owner | undefined;

  /** For one user, or a spare one for whoever comes first. */
  constructor(
    readonly profile: EngineProfile,
    owner?: Owner,
  ) {
    this.user = owner;
    this.state = owner ? 'starting' : 'booting';
  }

  /** Whose it is. Throws for a spare one. */
  get owner(): Owner {
    if (!this.user) throw new Error("This engine is nobody's yet.");
    return this.user;
  }

  get spare(): boolean {
    return this.user === undefined;
  }

  get key(): string {
    return slotKey(this.owner);
  }

  /** Gives a spare one to a user, for good. */
  assign(owner: Owner): void {
    if (this.user) throw new Error('An engine never gets a second owner.');
    this.user = owner;
    this.state = 'starting';
  }

  /** Does its engine run and answer, as far as is known? */
  get alive(): boolean {
    return this.state === 'ready' || this.state === 'spare';
  }

  get idle(): boolean {
    return this.state === 'ready' && this.leases === 0;
  }

  /** Has the engine said, since it was last used, that no transaction and no statement is open in it? */
  get clear(): boolean {
    return this.clearAfterUse === this.uses;
  }

  hold(requests = 1): void {
    this.leases += requests;
    this.uses += requests;
  }

  /** One request less holds it. */
  letGo(now: number): void {
    this.leases -= 1;
    if (this.leases === 0) this.unusedSince = now;
  }

  /** Has no engine any more, and is to get another. */
  startAgain(): void {
    this.engine = undefined;
    this.launched = undefined;
    this.health = new SlotHealth();
    this.broken = new Deferred<never>();
  }

  /** Ends the wait of `unlessAborted`. */
  abort(reason: Error): void {
    this.broken.reject(reason);
  }

  /** The work's outcome, or the reason of an `abort` that comes first. */
  unlessAborted<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.broken.promise]);
  }

  /** A lease for a request that `leases` already counts; `release` is called once. */
  lease(release: () => void): EngineLease {
    const engine = this.engine!;
    let held = true;
    return {
      engineId: engine.id,
      host: engine.host,
      port: engine.port,
      callSecret: engine.callSecret,
      release: () => {
        if (!held) return;
        held = false;
        release();
      },
    };
  }
}

/** What the checkups know of one engine. */
export class SlotHealth {
  /** A question is under way. */
  asked = false;
  /** When the latest one was asked; milliseconds of the clock. */
  askedAt = 0;
  /** Questions in a row that got no answer. */
  misses = 0;
  /** `uses` of the slot at the last regular checkup. */
  usesSeen = 0;
  /** Has it told of its databases? */
  known = false;
  /** A look at it after its last use is planned. */
  lookPlanned = false;
  /** Some database was not attached at its start, so it may become outdated. */
  incomplete = false;
}

import { createHash } from 'node:crypto';
import { randomSecret } from '@pondpilot/kernel';
import { Deferred } from '../deferred.js';
import type { EngineLease, Owner } from '../orchestrator.js';
import type { RunningEngine, StopReason } from '../provider.js';

/** Names a user's engine: one per profile and user. */
export function slotKey(owner: Owner): string {
  return `${owner.profile}\n${owner.userId}`;
}

/**
 * One place of the host, taken by one engine from before its launch until nothing of it is left.
 * `starting` → `ready` → `ending` → `gone`; a death skips `ending`, and so does a start that fails before its launch.
 */
export class Slot {
  readonly key: string;
  readonly callSecret = randomSecret();
  /** What the engine is told of its owner: the same for the same user, and says nothing about them. */
  readonly ownerDigest: string;
  state: 'starting' | 'ready' | 'ending' | 'gone' = 'starting';
  engine: RunningEngine | undefined;
  /** Was it ever handed out, and so logged and counted as spawned? */
  spawned = false;
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
  /** What is known of its health. */
  readonly health = new SlotHealth();
  private readonly broken = new Deferred<never>();

  constructor(readonly owner: Owner) {
    this.key = slotKey(owner);
    this.ownerDigest = createHash('sha256').update(this.key).digest('base64url');
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
      callSecret: this.callSecret,
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

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
 * `starting` → `ready` → `ending`; a failed start goes from `starting` to `ending` or straight away.
 */
export class Slot {
  readonly key: string;
  readonly callSecret = randomSecret();
  /** What the engine is told of its owner: the same for the same user, and says nothing about them. */
  readonly ownerDigest: string;
  state: 'starting' | 'ready' | 'ending' = 'starting';
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
  private readonly broken = new Deferred<never>();

  constructor(readonly owner: Owner) {
    this.key = slotKey(owner);
    this.ownerDigest = createHash('sha256').update(this.key).digest('base64url');
  }

  get idle(): boolean {
    return this.state === 'ready' && this.leases === 0;
  }

  /** Ends the wait of `unlessAborted`. */
  abort(reason: Error): void {
    this.broken.reject(reason);
  }

  /** The work's outcome, or the reason of an `abort` that comes first. */
  unlessAborted<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.broken.promise]);
  }

  /** A lease for a request that `leases` already counts. */
  lease(now: () => number): EngineLease {
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
        this.leases -= 1;
        if (this.leases === 0) this.unusedSince = now();
      },
    };
  }
}

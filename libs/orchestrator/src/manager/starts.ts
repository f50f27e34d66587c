import type { Clock } from '@pondpilot/kernel';
import type { EngineProvider, LaunchStep } from '../provider.js';
import type { ClaimEngine } from './control.js';
import { fieldsOf, type EngineLog } from './engine-log.js';
import { reasonOf, shuttingDown, startFailed } from './failures.js';
import type { ManagerOptions } from './options.js';
import type { Places } from './places.js';
import { sealedKey, type Slot } from './slot.js';
import { StartLimits } from './start-limits.js';
import type { Stops } from './stops.js';

export interface StartParts {
  readonly provider: EngineProvider;
  readonly options: ManagerOptions;
  readonly claim: ClaimEngine;
  readonly log: EngineLog;
  readonly clock: Clock;
  readonly places: Places;
  readonly stops: Stops;
}

export interface StartOutcomes {
  ready(slot: Slot): void;
  /** A spare engine runs. */
  spareReady(slot: Slot): void;
  /** Nothing of it is left. */
  spareFailed(slot: Slot): void;
  /** Nothing of the start is left. */
  failed(slot: Slot): void;
}

/** Starts engines for slots that have a place. */
export class Starts {
  /** Why the last start failed; undefined once one succeeds. */
  lastFailure: string | undefined;
  private readonly limits: StartLimits;
  private closed = false;

  constructor(
    private readonly parts: StartParts,
    private readonly outcomes: StartOutcomes,
  ) {
    this.limits = new StartLimits(parts.clock);
  }

  /** Throws `unavailable` where a start for this user has to wait for failures before it. */
  requireAllowed(key: string): void {
    this.limits.requireAllowed(key);
  }

  /** Starts the engine; `slot.started` tells how it ends. */
  begin(slot: Slot): void {
    this.limits.began();
    slot.awaitedSince = this.parts.clock.now();
    slot.started = this.start(slot);
    // Those who wait may all have gone.
    slot.started.catch(() => {});
  }

  /** Starts the engine of a spare slot; a user may get the slot meanwhile. */
  beginSpare(slot: Slot): void {
    slot.launched = this.launch(slot);
    void slot.launched.then(
      () => this.bootSucceeded(slot),
      (error: unknown) => this.bootFailed(slot, error),
    );
  }

  tidy(): void {
    this.limits.tidy();
  }

  /** Ends starts under way as far as the provider lets it; resolves when nothing of them is left. */
  async close(): Promise<void> {
    this.closed = true;
    const { current, spares } = this.parts.places;
    const starting = [...current.values()].filter(({ state }) => state === 'starting');
    for (const slot of starting) slot.abort(shuttingDown());
    const booting = [...spares].map(({ launched }) => launched);
    await Promise.allSettled([...starting.map((slot) => slot.started), ...booting]);
  }

  private async start(slot: Slot): Promise<void> {
    try {
      await awaitEnd(slot.predecessors);
      await this.provide(slot);
    } catch (error) {
      const failure = this.fail(slot, error);
      await this.discard(slot);
      this.outcomes.failed(slot);
      throw failure;
    }
    this.succeed(slot);
  }

  private async provide(slot: Slot): Promise<void> {
    if (slot.launched && (await this.tookSpare(slot))) return;
    await this.launch(slot);
    await this.claim(slot);
  }

  /** Resolves with false where the spare engine is of no use, and nothing is left of it. */
  private async tookSpare(slot: Slot): Promise<boolean> {
    try {
      await slot.launched;
      await this.claim(slot);
      return true;
    } catch (error) {
      this.requireOpen();
      this.parts.log.warn('Spare container of no use', { ...fieldsOf(slot), error: reasonOf(error) });
    }
    if (slot.engine) await this.parts.provider.stop(slot.engine.id, 'broken');
    slot.startAgain();
    return false;
  }

  private async launch(slot: Slot): Promise<void> {
    const { provider, options } = this.parts;
    this.requireOpen();
    const onStep = (step: LaunchStep) => {
      slot.step = step;
    };
    slot.engine = await provider.launch(options.profiles[slot.profile].spec, onStep);
    this.requireOpen();
  }

  private async claim(slot: Slot): Promise<void> {
    slot.step = 'claiming';
    const { claim, options } = this.parts;
    const engine = slot.engine!;
    const owner = sealedKey(engine.id, slot.owner, options.sealOwner);
    const claimed = claim(engine, owner, options.claimTimeoutMs);
    await slot.unlessAborted(claimed);
    this.requireOpen();
  }

  private bootSucceeded(slot: Slot): void {
    this.lastFailure = undefined;
    if (!slot.spare) return;
    slot.state = 'spare';
    slot.spareSince = this.parts.clock.now();
    this.outcomes.spareReady(slot);
  }

  /** Where a user has the slot by now, their start goes on from here. */
  private async bootFailed(slot: Slot, error: unknown): Promise<void> {
    if (!slot.spare) return;
    if (!this.closed) {
      this.lastFailure = reasonOf(error);
      this.parts.log.error('Container spawn failed', { error: this.lastFailure });
    }
    await this.discard(slot);
    this.outcomes.spareFailed(slot);
  }

  private requireOpen(): void {
    if (this.closed) throw shuttingDown();
  }

  private succeed(slot: Slot): void {
    slot.state = 'ready';
    slot.spawned = true;
    slot.unusedSince = this.parts.clock.now();
    this.limits.succeeded(slot.key);
    this.lastFailure = undefined;
    this.parts.log.info('Container spawned', fieldsOf(slot));
    this.outcomes.ready(slot);
  }

  private fail(slot: Slot, error: unknown): Error {
    if (this.closed) {
      this.limits.abandoned();
      return shuttingDown({ step: slot.step });
    }
    this.lastFailure = reasonOf(error);
    this.parts.log.error('Container spawn failed', { user_id: slot.owner.userId, error: this.lastFailure });
    const afterMs = this.parts.clock.now() - slot.awaitedSince;
    return startFailed(error, this.limits.failed(slot.key, error), { at: { step: slot.step }, afterMs });
  }

  /** Leaves nothing of a start that failed. */
  private async discard(slot: Slot): Promise<void> {
    const { places, stops } = this.parts;
    // A spare engine that was taken while it boots is there only then.
    await slot.launched?.catch(() => {});
    if (!slot.engine) {
      places.leave(slot);
      return;
    }
    stops.end(slot, 'spawn_failed');
    await slot.ended.catch(() => {});
  }
}

/** Waits for all of them, also where one can't be stopped: a place is free only when its engine is gone. */
async function awaitEnd(slots: Slot[]): Promise<void> {
  const outcomes = await Promise.allSettled(slots.map((slot) => slot.ended));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

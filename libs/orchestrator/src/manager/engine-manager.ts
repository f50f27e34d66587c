import { systemClock, type Clock } from '@pondpilot/kernel';
import { Orchestrator, type EngineLease, type OrchestratorStatistics, type Owner } from '../orchestrator.js';
import type { EngineDeath, EngineProvider, StopReason } from '../provider.js';
import { claimEngine, type ClaimEngine } from './claim.js';
import type { EngineLog } from './engine-log.js';
import { reasonOf, shuttingDown, startFailed } from './failures.js';
import type { ManagerOptions } from './options.js';
import { Places } from './places.js';
import { slotKey, type Slot } from './slot.js';

const REAP_EVERY_MS = 60_000;

export interface ManagerParts {
  readonly log: EngineLog;
  readonly clock?: Clock;
  readonly claim?: ClaimEngine;
}

/**
 * One engine a user on one provider.
 *
 * Before the first request of a user there is nothing; during a start every request of that user waits for it; an
 * engine that is being stopped is never handed out. After a restart of the proxy it knows no engines: those of
 * providers whose engines outlive the proxy are not adopted yet.
 */
export class EngineManager extends Orchestrator {
  private readonly places: Places;
  private readonly log: EngineLog;
  private readonly clock: Clock;
  private readonly claim: ClaimEngine;
  private readonly cancel: Array<() => void>;
  private closing: Promise<void> | undefined;
  private totalSpawned = 0;
  private totalStopped = 0;
  private lastFailure: string | undefined;

  constructor(
    private readonly provider: EngineProvider,
    private readonly options: ManagerOptions,
    parts: ManagerParts,
  ) {
    super();
    this.log = parts.log;
    this.clock = parts.clock ?? systemClock;
    this.claim = parts.claim ?? claimEngine;
    this.places = new Places(options, (slot) => this.makeRoom(slot));
    this.cancel = [
      this.provider.onDeath((death) => this.died(death)),
      this.clock.every(REAP_EVERY_MS, () => this.reap()),
    ];
  }

  override async acquire(owner: Owner): Promise<EngineLease> {
    if (this.closing) throw shuttingDown();
    const slot = this.places.current.get(slotKey(owner)) ?? this.open(owner);
    // Counted before the wait, so that an engine that has just become ready does not look unused.
    slot.leases += 1;
    await slot.started;
    return slot.lease(() => this.clock.now());
  }

  override statistics(): OrchestratorStatistics {
    const { totalSpawned, totalStopped, lastFailure } = this;
    return { active: totalSpawned - totalStopped, totalSpawned, totalStopped, lastFailure };
  }

  override async check(): Promise<{ provider: string; usable: boolean; problem?: string }> {
    const provider = this.provider.name;
    if (this.closing) return { provider, usable: false, problem: 'The server is shutting down.' };
    return { provider, ...(await this.provider.check()) };
  }

  /**
   * Stops every engine, closes the provider and refuses new requests. Whoever wants streams in flight to finish
   * waits for them first. Resolves when no engine is left; calling it again awaits the same.
   */
  shutdown(): Promise<void> {
    this.closing ??= this.close();
    return this.closing;
  }

  private async close(): Promise<void> {
    for (const cancel of this.cancel) cancel();
    for (const slot of this.places.current.values()) {
      if (slot.state === 'ready') this.end(slot, 'shutdown');
      else slot.abort(shuttingDown());
    }
    const starting = [...this.places.current.values()].map((slot) => slot.started);
    await Promise.allSettled([...this.places.ending].map((slot) => slot.ended));
    await this.provider.close();
    await Promise.allSettled(starting);
  }

  private open(owner: Owner): Slot {
    const slot = this.places.enter(owner);
    slot.started = this.start(slot);
    return slot;
  }

  private async start(slot: Slot): Promise<void> {
    try {
      await this.awaitEnd(slot.predecessors);
      await this.launch(slot);
      this.becomeReady(slot);
    } catch (error) {
      if (!this.closing) this.logFailure(slot, error);
      await this.discard(slot);
      throw this.closing ? shuttingDown() : startFailed(error);
    }
  }

  /** Waits for all of them, also where one can't be stopped: a place is free only when its engine is gone. */
  private async awaitEnd(predecessors: Slot[]): Promise<void> {
    const outcomes = await Promise.allSettled(predecessors.map((predecessor) => predecessor.ended));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private async launch(slot: Slot): Promise<void> {
    if (this.closing) throw shuttingDown();
    slot.engine = await this.provider.launch(this.options.profiles[slot.owner.profile].spec);
    if (this.closing) throw shuttingDown();
    const claim = this.claim(slot.engine, slot.ownerDigest, slot.callSecret, this.options.claimTimeoutMs);
    await slot.unlessAborted(claim);
    if (this.closing) throw shuttingDown();
  }

  private becomeReady(slot: Slot): void {
    slot.state = 'ready';
    slot.spawned = true;
    slot.unusedSince = this.clock.now();
    this.totalSpawned += 1;
    this.lastFailure = undefined;
    this.log.info('Container spawned', this.fieldsOf(slot));
  }

  private logFailure(slot: Slot, error: unknown): void {
    this.lastFailure = reasonOf(error);
    this.log.error('Container spawn failed', { user_id: slot.owner.userId, error: this.lastFailure });
  }

  /** Leaves nothing of a start that failed. */
  private async discard(slot: Slot): Promise<void> {
    if (!slot.engine) {
      this.places.leave(slot);
      return;
    }
    this.end(slot, 'spawn_failed');
    await slot.ended.catch(() => {});
  }

  /** Takes an engine out of use at once, and stops it. */
  private end(slot: Slot, reason: StopReason): void {
    this.places.current.delete(slot.key);
    this.places.ending.add(slot);
    slot.state = 'ending';
    slot.stopReason = reason;
    this.tryStop(slot);
  }

  private makeRoom(slot: Slot): void {
    if (slot.state === 'ending') this.tryStop(slot);
    else this.end(slot, 'make_room');
  }

  private tryStop(slot: Slot): void {
    slot.stopFailed = false;
    slot.ended = this.stop(slot);
    // Nobody may be waiting for it; the failure is logged, and tried again by the reaper.
    slot.ended.catch(() => {});
  }

  private async stop(slot: Slot): Promise<void> {
    try {
      await this.provider.stop(slot.engine!.id, slot.stopReason!);
    } catch (error) {
      slot.stopFailed = true;
      this.log.warn('Container stop failed', { ...this.fieldsOf(slot), error: reasonOf(error) });
      throw error;
    }
    this.places.ending.delete(slot);
    if (!slot.spawned) return;
    this.totalStopped += 1;
    this.log.info('Container stopped', { ...this.fieldsOf(slot), reason: slot.stopReason! });
  }

  private died(death: EngineDeath): void {
    const slot = [...this.places.current.values()].find(({ engine }) => engine?.id === death.engineId);
    if (!slot) return;
    if (slot.state === 'starting') {
      slot.abort(new Error(`The engine ended during its start: ${death.detail}.`));
      return;
    }
    this.places.current.delete(slot.key);
    this.totalStopped += 1;
    const { cause, detail } = death;
    this.log.warn('Container died', { ...this.fieldsOf(slot), cause, detail });
  }

  private reap(): void {
    const now = this.clock.now();
    for (const slot of this.places.all()) {
      const { idleTimeoutMs } = this.options.profiles[slot.owner.profile];
      if (slot.idle && now - slot.unusedSince >= idleTimeoutMs) this.end(slot, 'idle_timeout');
      else if (slot.stopFailed) this.tryStop(slot);
    }
  }

  private fieldsOf(slot: Slot): { user_id: string; container_id: string } {
    return { user_id: slot.owner.userId, container_id: slot.engine?.id ?? '' };
  }
}

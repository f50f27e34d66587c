import { EngineState, type EngineHealth } from '@pondpilot/engine-api';
import { systemClock, type Clock } from '@pondpilot/kernel';
import { Orchestrator, type EngineLease, type OrchestratorStatistics, type Owner } from '../orchestrator.js';
import type { EngineDeath, EngineProvider } from '../provider.js';
import { Checkups } from './checkups.js';
import {
  askHealth,
  claimEngine,
  tellClosed,
  type AskHealth,
  type ClaimEngine,
  type TellClosed,
} from './control.js';
import { fieldsOf, type EngineLog } from './engine-log.js';
import { clientGone, reasonOf, shuttingDown, type Limit } from './failures.js';
import type { ManagerOptions } from './options.js';
import { Places } from './places.js';
import { Queue } from './queue.js';
import { Room } from './room.js';
import { slotKey, Slot } from './slot.js';
import { Starts } from './starts.js';
import { Stops } from './stops.js';
import { unlessAborted } from './unless-aborted.js';

const REAP_EVERY_MS = 60_000;
/** How long an engine may take to hear that a client connection is gone. */
const TELL_MS = 5000;

export interface ManagerParts {
  readonly log: EngineLog;
  readonly clock?: Clock;
  readonly claim?: ClaimEngine;
  readonly health?: AskHealth;
  readonly tell?: TellClosed;
}

/**
 * One engine a user on one provider.
 *
 * Before the first request of a user there is nothing; during a start every request of that user waits for it; an
 * engine that is being stopped is never handed out. Where there is no room, users wait in the order of their coming.
 * After a restart of the proxy it knows no engines: those of providers whose engines outlive the proxy are not adopted
 * yet.
 */
export class EngineManager extends Orchestrator {
  private readonly log: EngineLog;
  private readonly clock: Clock;
  private readonly tell: TellClosed;
  private readonly places: Places;
  private readonly queue: Queue;
  private readonly starts: Starts;
  private readonly stops: Stops;
  private readonly checkups: Checkups;
  private readonly room: Room;
  private readonly cancel: Array<() => void>;
  private draining = false;
  private closing: Promise<void> | undefined;
  private totalSpawned = 0;
  private totalStopped = 0;

  constructor(
    private readonly provider: EngineProvider,
    private readonly options: ManagerOptions,
    { log, clock = systemClock, claim = claimEngine, health = askHealth, tell = tellClosed }: ManagerParts,
  ) {
    super();
    this.log = log;
    this.clock = clock;
    this.tell = tell;
    this.places = new Places(
      options,
      (slot) => this.room.mayLeave(slot),
      (slot) => this.stops.makeRoom(slot),
    );
    this.queue = new Queue(options, clock, (owner, taken) => this.admit(owner, taken));
    this.stops = new Stops(provider, this.places, log, (slot) => this.gone(slot));
    this.starts = new Starts(
      { provider, options, claim, log, clock, places: this.places, stops: this.stops },
      { ready: (slot) => this.ready(slot), failed: () => this.serveQueue() },
    );
    const current = () => this.places.current.values();
    this.checkups = new Checkups(current, health, clock, {
      answered: (slot, answer, idle) => this.answered(slot, answer, idle),
      silent: (slot) => this.recycle(slot, 'It does not answer.'),
    });
    this.room = new Room(this.places, this.checkups, clock, () => this.serveQueue());
    this.cancel = [
      provider.onDeath((death) => this.died(death)),
      clock.every(REAP_EVERY_MS, () => this.reap()),
    ];
  }

  override async acquire(owner: Owner, signal?: AbortSignal): Promise<EngineLease> {
    if (this.draining) throw shuttingDown();
    if (signal?.aborted) throw clientGone();
    // Counted before the wait, so that an engine that has just become ready does not look unused.
    const slot = this.join(owner) ?? (await this.enqueue(owner, signal));
    try {
      await unlessAborted(slot.started, signal, clientGone);
    } catch (error) {
      this.letGo(slot);
      throw error;
    }
    return slot.lease(() => this.letGo(slot));
  }

  override connectionClosed(engineId: string, connectionId: string): void {
    const slot = this.slotOf(engineId);
    if (slot?.state !== 'ready' || this.closing) return;
    this.tell(slot.engine!, connectionId, TELL_MS).catch((error: unknown) =>
      this.log.debug('Container not told of a closed connection', {
        ...fieldsOf(slot),
        error: reasonOf(error),
      }),
    );
  }

  override statistics(): OrchestratorStatistics {
    const { totalSpawned, totalStopped } = this;
    const { lastFailure } = this.starts;
    return { active: totalSpawned - totalStopped, totalSpawned, totalStopped, lastFailure };
  }

  override async check(): Promise<{ provider: string; usable: boolean; problem?: string }> {
    const provider = this.provider.name;
    if (this.draining) return { provider, usable: false, problem: 'The server is shutting down.' };
    return { provider, ...(await this.provider.check()) };
  }

  /** Refuses new requests, and those that wait in the queue; leases and starts under way go on. */
  drain(): void {
    this.draining = true;
    this.queue.refuseAll(shuttingDown());
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
    this.drain();
    for (const cancel of this.cancel) cancel();
    this.checkups.close();
    this.room.close();
    const starting = this.starts.close();
    for (const slot of this.places.current.values()) {
      if (slot.state === 'ready') this.stops.end(slot, 'shutdown');
    }
    await Promise.allSettled([...this.places.ending].map((slot) => slot.ended));
    await this.provider.close();
    await starting;
  }

  private join(owner: Owner): Slot | undefined {
    const slot = this.places.current.get(slotKey(owner));
    slot?.hold();
    return slot;
  }

  private enqueue(owner: Owner, signal: AbortSignal | undefined): Promise<Slot> {
    const slot = this.queue.wait(owner, signal);
    this.seekRoom();
    return slot;
  }

  private admit(owner: Owner, taken: ReadonlySet<string>): Slot | Limit {
    this.starts.requireAllowed(slotKey(owner));
    const slot = this.places.enter(owner, taken);
    if (slot instanceof Slot) this.starts.begin(slot);
    return slot;
  }

  private letGo(slot: Slot): void {
    slot.letGo(this.clock.now());
    if (!slot.idle) return;
    this.seekRoom();
    if (slot.health.incomplete) this.askWhenUnused(slot);
  }

  private serveQueue(): void {
    this.queue.serve();
    this.seekRoom();
  }

  private seekRoom(): void {
    if (!this.draining) this.room.seek(this.queue.length);
  }

  private ready(slot: Slot): void {
    this.totalSpawned += 1;
    this.checkups.ask(slot);
    this.seekRoom();
  }

  private gone(slot: Slot): void {
    if (slot.spawned) this.totalStopped += 1;
    this.serveQueue();
  }

  /** Looks whether an engine that lacks a database is outdated, once it has been unused for a moment. */
  private askWhenUnused(slot: Slot): void {
    if (slot.health.lookPlanned) return;
    slot.health.lookPlanned = true;
    this.clock.after(Math.max(1, this.room.keptForMs(slot)), () => {
      slot.health.lookPlanned = false;
      if (!slot.idle) return;
      if (this.room.keptForMs(slot) > 0) this.askWhenUnused(slot);
      else this.checkups.ask(slot);
    });
  }

  private answered(slot: Slot, health: EngineHealth, idle: boolean): void {
    if (health.state === EngineState.BROKEN) {
      this.recycle(slot, 'It says that its database can not be trusted any more.');
      return;
    }
    if (!slot.health.known) this.learnDatabases(slot, health);
    if (idle) this.judgeIdle(slot, health);
    this.serveQueue();
  }

  private learnDatabases(slot: Slot, { databases }: EngineHealth): void {
    const missing = databases.filter(({ attached }) => !attached);
    slot.health.known = true;
    slot.health.incomplete = missing.length > 0;
    const { container_id } = fieldsOf(slot);
    for (const { alias: database, problem } of missing)
      this.log.warn('Database not attached', { container_id, database, problem });
  }

  /** An engine that nobody uses: what is open in it counts as use, and else its time may have come. */
  private judgeIdle(slot: Slot, { openTransactions, statements, outdated }: EngineHealth): void {
    if (openTransactions > 0 || statements.length > 0) {
      slot.unusedSince = this.clock.now();
      return;
    }
    slot.clearAfterUse = slot.uses;
    if (outdated && this.room.keptForMs(slot) === 0) this.stops.end(slot, 'database_returned');
    else if (this.isOverdue(slot)) this.stops.end(slot, 'idle_timeout');
  }

  private recycle(slot: Slot, problem: string): void {
    this.log.warn('Container broken', { ...fieldsOf(slot), problem });
    this.stops.end(slot, 'broken');
    this.serveQueue();
  }

  private died(death: EngineDeath): void {
    const slot = this.slotOf(death.engineId);
    if (!slot) return;
    if (slot.state === 'starting') {
      slot.abort(new Error(`The engine ended during its start: ${death.detail}.`));
      return;
    }
    this.places.leave(slot);
    const { cause, detail } = death;
    this.log.warn('Container died', { ...fieldsOf(slot), cause, detail });
    this.gone(slot);
  }

  /** Of those that start or are ready. */
  private slotOf(engineId: string): Slot | undefined {
    return [...this.places.current.values()].find(({ engine }) => engine?.id === engineId);
  }

  private reap(): void {
    for (const slot of this.places.idle()) if (this.isOverdue(slot)) this.checkups.ask(slot);
    this.stops.tryAgain();
    this.starts.tidy();
  }

  private isOverdue(slot: Slot): boolean {
    const { idleTimeoutMs } = this.options.profiles[slot.owner.profile];
    return slot.idle && this.clock.now() - slot.unusedSince >= idleTimeoutMs;
  }
}

import { systemClock, type Clock } from '@pondpilot/kernel';
import {
  Orchestrator,
  type EngineLease,
  type EngineProfile,
  type OrchestratorStatistics,
  type Owner,
  type Waiting,
} from '../orchestrator.js';
import type { EngineDeath, EngineProvider, ProviderCheck } from '../provider.js';
import { adoptEngines, type AdoptParts } from './adopt.js';
import { Care } from './care.js';
import { Checkups } from './checkups.js';
import {
  askHealth,
  claimEngine,
  forgetControl,
  tellClosed,
  type AskHealth,
  type ClaimEngine,
  type TellClosed,
} from './control.js';
import { fieldsOf, type EngineLog } from './engine-log.js';
import { clientGone, reasonOf, shuttingDown, type Limit } from './failures.js';
import type { ManagerOptions } from './options.js';
import { Places } from './places.js';
import { figuresOf } from './figures.js';
import { Pool } from './pool.js';
import { Queue } from './queue.js';
import { Room } from './room.js';
import { slotKey, Slot } from './slot.js';
import { Starts } from './starts.js';
import { Stops } from './stops.js';
import { Ends } from './ends.js';
import { Takeover } from './takeover.js';
import { Waits } from './waits.js';
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
 * Before the first request of a user there is nothing, or a spare engine that is nobody's; during a start every request
 * of that user waits for it; an engine that is being stopped is never handed out, and none ever gets a second user. Where
 * there is no room, users wait in the order of their coming. After a restart of the proxy those engines go on that
 * outlive it.
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
  private readonly care: Care;
  private readonly pool: Pool;
  private readonly waits: Waits;
  private readonly adoptParts: AdoptParts;
  private readonly takeover: Takeover;
  private readonly ends: Ends;
  private readonly cancel: Array<() => void>;
  private draining = false;
  private closing: Promise<void> | undefined;
  private totalSpawned = 0;
  private totalStopped = 0;

  constructor(
    private readonly provider: EngineProvider,
    options: ManagerOptions,
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
    this.ends = new Ends(clock);
    this.stops = new Stops({ provider, log, places: this.places, ends: this.ends }, (slot) =>
      this.gone(slot),
    );
    this.starts = new Starts(
      { provider, options, claim, log, clock, places: this.places, stops: this.stops },
      {
        ready: (slot) => this.ready(slot),
        failed: () => this.serveQueue(),
        spareReady: (slot) => this.spareReady(slot),
        spareFailed: () => this.pool.failed(),
      },
    );
    const { places, starts } = this;
    const roomToSpare = (profile: EngineProfile) => !this.draining && !this.queue.waitsBefore(profile);
    this.pool = new Pool({ places, starts, options, clock, roomToSpare });
    this.waits = new Waits(log, clock, (owner) => this.waitOf(owner));
    const now = () => clock.now();
    this.adoptParts = { provider, options, health, log, places, stops: this.stops, now };
    this.takeover = new Takeover({ log, clock, takeOver: () => this.takeOver() });
    const running = () => [...places.current.values(), ...places.spares];
    this.checkups = new Checkups(running, health, clock, {
      answered: (slot, answer, idle) => this.care.answered(slot, answer, idle),
      silent: (slot) => this.care.recycle(slot, 'It does not answer.'),
    });
    this.room = new Room(places, this.checkups, clock, () => this.serveQueue());
    const { stops, room, checkups } = this;
    const onChange = () => this.serveQueue();
    this.care = new Care({ options, log, clock, places, stops, room, checkups, onChange });
    this.cancel = [
      provider.onDeath((death) => this.died(death)),
      clock.every(REAP_EVERY_MS, () => this.reap()),
    ];
  }

  /**
   * Takes over what an earlier proxy has left, and fills the pool from then on. To be called once, before requests; where
   * the provider does not answer it resolves all the same, and requests are refused until it does.
   */
  open(): Promise<void> {
    return this.takeover.begin();
  }

  private async takeOver(): Promise<void> {
    const adopted = await adoptEngines(this.adoptParts);
    for (const slot of adopted) this.checkups.ask(slot);
    if (!this.draining) this.pool.start();
  }

  override async acquire(owner: Owner, signal?: AbortSignal): Promise<EngineLease> {
    if (this.draining) throw shuttingDown();
    if (signal?.aborted) throw clientGone();
    // Not awaited later: a request must be counted before anything else can happen.
    if (this.takeover.pending) await this.afterTakeover(signal);
    return this.waits.during(owner, this.lease(owner, signal));
  }

  private async afterTakeover(signal: AbortSignal | undefined): Promise<void> {
    await unlessAborted(this.takeover.finish(), signal, clientGone);
    if (this.draining) throw shuttingDown();
  }

  private async lease(owner: Owner, signal: AbortSignal | undefined): Promise<EngineLease> {
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

  override reasonOfEnd(engineId: string): Promise<string | undefined> {
    return this.ends.reasonOf(engineId);
  }

  override waitOf(owner: Owner): Waiting | undefined {
    const place = this.queue.placeOf(owner);
    if (place !== undefined) return { step: 'queued', place };
    const slot = this.places.current.get(slotKey(owner));
    return slot?.state === 'starting' ? { step: slot.step } : undefined;
  }

  override statistics(): OrchestratorStatistics {
    const { totalSpawned, totalStopped } = this;
    const { lastFailure } = this.starts;
    return { ...figuresOf(this.places, this.queue.length), totalSpawned, totalStopped, lastFailure };
  }

  override async check(): Promise<ProviderCheck & { readonly provider: string }> {
    const provider = this.provider.name;
    if (this.draining) return { provider, usable: false, problem: 'The server is shutting down.' };
    return { provider, ...(await this.provider.check()) };
  }

  /** Refuses new requests, and those that wait in the queue; leases and starts under way go on. */
  drain(): void {
    this.draining = true;
    this.queue.refuseAll((place) => shuttingDown({ step: 'queued', place }));
  }

  /**
   * Stops every engine that does not outlive the proxy, closes the provider and refuses new requests. Whoever wants
   * streams in flight to finish waits for them first. Resolves when no such engine is left; calling it again awaits the
   * same.
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
    this.pool.close();
    this.takeover.close();
    const starting = this.starts.close();
    const { current, spares, ending } = this.places;
    const { adoption } = this.provider;
    const alive = [...current.values(), ...spares].filter((slot) => slot.alive);
    // Spare ones hold nobody's data, and so wait for no other proxy.
    for (const slot of alive) if (!adoption || slot.spare) this.stops.end(slot, 'shutdown');
    await Promise.allSettled([...ending].map((slot) => slot.ended));
    await (adoption ? adoption.detach() : this.provider.close());
    await starting;
    for (const { engine } of alive) if (engine) forgetControl(engine);
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
    if (!this.places.spareFor(owner.profile)) this.starts.requireAllowed(slotKey(owner));
    const slot = this.places.enter(owner, taken);
    if (slot instanceof Slot) this.starts.begin(slot);
    return slot;
  }

  private letGo(slot: Slot): void {
    slot.letGo(this.clock.now());
    if (!slot.idle) return;
    this.seekRoom();
    if (slot.health.incomplete) this.care.askWhenUnused(slot);
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
    this.pool.refill();
  }

  private spareReady(slot: Slot): void {
    this.checkups.ask(slot);
    this.pool.booted();
    // It may be what somebody waits for, or has the room that they wait for.
    this.serveQueue();
  }

  private gone(slot: Slot): void {
    if (slot.spawned) this.totalStopped += 1;
    if (slot.engine) forgetControl(slot.engine);
    this.serveQueue();
    this.pool.refill();
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
    this.ends.died(death);
    this.log.warn('Container died', { ...fieldsOf(slot), cause, detail });
    this.gone(slot);
  }

  /** Of those that start or are ready. */
  private slotOf(engineId: string): Slot | undefined {
    const { current, spares } = this.places;
    return [...current.values(), ...spares].find(({ engine }) => engine?.id === engineId);
  }

  private reap(): void {
    this.care.reap();
    this.stops.tryAgain();
    this.starts.tidy();
  }
}

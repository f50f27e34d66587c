import { EngineState, type EngineHealth } from '@pondpilot/engine-api';
import type { Clock } from '@pondpilot/kernel';
import type { Checkups } from './checkups.js';
import { fieldsOf, type EngineLog } from './engine-log.js';
import type { ManagerOptions } from './options.js';
import type { Places } from './places.js';
import type { Room } from './room.js';
import type { Slot } from './slot.js';
import type { Stops } from './stops.js';

/** Its user may come back as soon as the proxy does. */
const OUTDATED_KEPT_MS = 60_000;
/** A spare engine is replaced after this time: starting one costs little, and what it has attached may have changed. */
const SPARE_AGE_MS = 600_000;

export interface CareParts {
  readonly options: Pick<ManagerOptions, 'profiles'>;
  readonly log: EngineLog;
  readonly clock: Clock;
  readonly places: Places;
  readonly stops: Stops;
  readonly room: Room;
  readonly checkups: Checkups;
  /** What is known of an engine has changed: others may have room now. */
  readonly onChange: () => void;
}

/** Draws the consequences of what engines say of themselves, and of nobody using them. */
export class Care {
  constructor(private readonly parts: CareParts) {}

  /** Looks whether an engine that lacks a database is outdated, once it has been unused for a moment. */
  askWhenUnused(slot: Slot): void {
    if (slot.health.lookPlanned) return;
    slot.health.lookPlanned = true;
    this.parts.clock.after(Math.max(1, this.parts.room.keptForMs(slot)), () => {
      slot.health.lookPlanned = false;
      if (!slot.idle) return;
      if (this.parts.room.keptForMs(slot) > 0) this.askWhenUnused(slot);
      else this.parts.checkups.ask(slot);
    });
  }

  /** What follows from an answer; `idle`: nobody has used the engine from before the question to now. */
  answered(slot: Slot, health: EngineHealth, idle: boolean): void {
    if (health.state === EngineState.BROKEN) {
      this.recycle(slot, 'It says that its database can not be trusted any more.');
      return;
    }
    if (!slot.health.known) this.learnDatabases(slot, health);
    if (slot.spare) this.judgeSpare(slot, health);
    else if (idle) this.judgeIdle(slot, health);
    this.parts.onChange();
  }

  private learnDatabases(slot: Slot, { databases }: EngineHealth): void {
    const missing = databases.filter(({ attached }) => !attached);
    slot.health.known = true;
    slot.health.incomplete = missing.length > 0;
    const { container_id } = fieldsOf(slot);
    for (const { alias: database, problem } of missing)
      this.parts.log.warn('Database not attached', { container_id, database, problem });
  }

  /** An engine that nobody uses: what is open in it counts as use, and else its time may have come. */
  private judgeIdle(slot: Slot, { openTransactions, statements, outdated }: EngineHealth): void {
    if (openTransactions > 0 || statements.length > 0) {
      slot.unusedSince = this.parts.clock.now();
      return;
    }
    slot.clearAfterUse = slot.uses;
    if (slot.outdated && this.unusedFor(slot, OUTDATED_KEPT_MS)) this.parts.stops.end(slot, 'outdated');
    else if (outdated && this.parts.room.keptForMs(slot) === 0)
      this.parts.stops.end(slot, 'database_returned');
    else if (this.isOverdue(slot)) this.parts.stops.end(slot, 'idle_timeout');
  }

  /** One that is old may hold files that have been replaced, or lack what has been mended since. */
  private judgeSpare(slot: Slot, { outdated }: EngineHealth): void {
    if (outdated) this.parts.stops.end(slot, 'database_returned');
    else if (this.parts.clock.now() - slot.spareSince >= SPARE_AGE_MS) this.parts.stops.end(slot, 'outdated');
  }

  /** Replaces an engine that is of no use any more. */
  recycle(slot: Slot, problem: string): void {
    this.parts.log.warn('Container broken', { ...fieldsOf(slot), problem });
    this.parts.stops.end(slot, 'broken');
    this.parts.onChange();
  }

  /** Asks those that may be overdue whether anything is open in them. */
  reap(): void {
    for (const slot of this.parts.places.idle())
      if (slot.outdated || this.isOverdue(slot)) this.parts.checkups.ask(slot);
  }

  private isOverdue(slot: Slot): boolean {
    const { idleTimeoutMs } = this.parts.options.profiles[slot.profile];
    return slot.idle && this.unusedFor(slot, idleTimeoutMs);
  }

  private unusedFor(slot: Slot, ms: number): boolean {
    return this.parts.clock.now() - slot.unusedSince >= ms;
  }
}

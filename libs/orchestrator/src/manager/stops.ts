import type { EngineProvider, StopReason } from '../provider.js';
import { fieldsOf, type EngineLog } from './engine-log.js';
import { reasonOf } from './failures.js';
import type { Ends } from './ends.js';
import type { Places } from './places.js';
import type { Slot } from './slot.js';

export interface StopParts {
  readonly provider: EngineProvider;
  readonly places: Places;
  readonly log: EngineLog;
  readonly ends: Ends;
}

/** Stops engines, and keeps at those that could not be stopped. */
export class Stops {
  constructor(
    private readonly parts: StopParts,
    /** Called when nothing of an engine is left. */
    private readonly onGone: (slot: Slot) => void,
  ) {}

  /** Takes an engine out of use at once, and stops it. */
  end(slot: Slot, reason: StopReason): void {
    this.parts.places.withdraw(slot);
    slot.state = 'ending';
    slot.stopReason = reason;
    if (slot.engine) this.parts.ends.stopped(slot.engine.id, reason);
    this.attempt(slot);
  }

  /** Tries once more to stop those where that has failed. */
  tryAgain(): void {
    for (const slot of this.parts.places.ending) if (slot.stopFailed) this.attempt(slot);
  }

  makeRoom(slot: Slot): void {
    if (slot.state === 'ending') this.attempt(slot);
    else this.end(slot, 'make_room');
  }

  private attempt(slot: Slot): void {
    slot.stopFailed = false;
    slot.ended = this.stop(slot);
    // Nobody may be waiting for it; the failure is logged, and tried again by the reaper.
    slot.ended.catch(() => {});
  }

  private async stop(slot: Slot): Promise<void> {
    try {
      await this.parts.provider.stop(slot.engine!.id, slot.stopReason!);
    } catch (error) {
      slot.stopFailed = true;
      this.parts.log.warn('Container stop failed', { ...fieldsOf(slot), error: reasonOf(error) });
      throw error;
    }
    this.parts.places.ending.delete(slot);
    slot.state = 'gone';
    if (slot.spawned || slot.stopReason === 'orphaned')
      this.parts.log.info('Container stopped', { ...fieldsOf(slot), reason: slot.stopReason! });
    this.onGone(slot);
  }
}

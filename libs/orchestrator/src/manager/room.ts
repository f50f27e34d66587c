import type { Clock } from '@pondpilot/kernel';
import type { Checkups } from './checkups.js';
import type { Places } from './places.js';
import type { Slot } from './slot.js';

/**
 * For so long after its last use an engine is not stopped for others: clients fetch what they have asked for by a
 * second call.
 */
export const KEEP_AFTER_USE_MS = 2000;

/** Finds idle engines that may make room for those who wait, by asking them whether anything is open in them. */
export class Room {
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly places: Places,
    private readonly checkups: Checkups,
    private readonly clock: Clock,
    /** Called when an engine that was kept after its use may leave, if it is clear. */
    private readonly onTime: () => void,
  ) {}

  mayLeave(slot: Slot): boolean {
    return slot.idle && slot.clear && this.keptForMs(slot) === 0;
  }

  /** Milliseconds for which an idle engine is still kept. */
  keptForMs(slot: Slot): number {
    return Math.max(0, slot.unusedSince + KEEP_AFTER_USE_MS - this.clock.now());
  }

  /** Asks as many engines as are wanted, those first that nobody has used for the longest time. */
  seek(wanted: number): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (wanted === 0) return;
    const idle = this.places.idle();
    const due = idle.filter((slot) => !slot.clear && this.keptForMs(slot) === 0);
    for (const slot of due.slice(0, wanted)) this.checkups.ask(slot);
    const kept = idle.map((slot) => this.keptForMs(slot)).filter((ms) => ms > 0);
    if (kept.length > 0) this.wakeIn(Math.min(...kept));
  }

  close(): void {
    this.cancelTimer?.();
  }

  private wakeIn(ms: number): void {
    this.cancelTimer = this.clock.after(ms, () => {
      this.cancelTimer = undefined;
      this.onTime();
    });
  }
}

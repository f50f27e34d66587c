import type { EngineHealth } from '@pondpilot/engine-api';
import type { Clock } from '@pondpilot/kernel';
import type { AskHealth } from './control.js';
import type { Slot } from './slot.js';

/** How often engines are asked that are in use, or were since the last time. */
const EVERY_MS = 15_000;
/** How often any engine is asked: spare ones must be sound, and those that outlive a proxy must hear of this one. */
const ANYONE_EVERY_MS = 30_000;
/** How long an engine may take to answer. */
const ANSWER_MS = 5000;
/** How long after a question without an answer the next one is asked. */
const PAUSE_MS = 5000;
/** After so many in a row it is given up. */
const MISSES = 2;

/** What the manager does with answers. */
export interface Findings {
  /**
   * An engine has answered. `idle`: nobody used it from before the question to now, so what is open in it is known.
   */
  answered(slot: Slot, health: EngineHealth, idle: boolean): void;
  /** It does not answer any more. */
  silent(slot: Slot): void;
}

/**
 * Asks engines how they are: each in use every quarter of a minute, any every half, and when the manager wants to know. One question
 * an engine at a time, so that what it costs is bounded.
 */
export class Checkups {
  private readonly cancel: () => void;

  constructor(
    private readonly slots: () => Iterable<Slot>,
    private readonly askHealth: AskHealth,
    private readonly clock: Clock,
    private readonly findings: Findings,
  ) {
    this.cancel = clock.every(EVERY_MS, () => this.round());
  }

  close(): void {
    this.cancel();
  }

  /** Asks an engine that is ready, unless a question is under way. */
  ask(slot: Slot): void {
    if (slot.health.asked || !slot.alive) return;
    slot.health.asked = true;
    slot.health.askedAt = this.clock.now();
    void this.askOnce(slot);
  }

  private round(): void {
    for (const slot of this.slots()) {
      const { health, uses } = slot;
      const wasUsed = slot.leases > 0 || health.usesSeen !== uses;
      health.usesSeen = uses;
      const due = this.clock.now() - health.askedAt >= ANYONE_EVERY_MS;
      // One that lacks a database is asked without being used, too: the user shall find it back soon.
      if (wasUsed || health.incomplete || due) this.ask(slot);
    }
  }

  private async askOnce(slot: Slot): Promise<void> {
    const { idle, uses, health, engine } = slot;
    if (!slot.alive || !engine) {
      health.asked = false;
      return;
    }
    let answer: EngineHealth;
    try {
      answer = await this.askHealth(engine, ANSWER_MS);
    } catch {
      if (slot.engine === engine) this.missed(slot);
      return;
    }
    health.asked = false;
    health.misses = 0;
    if (slot.alive && slot.engine === engine)
      this.findings.answered(slot, answer, idle && slot.idle && slot.uses === uses);
  }

  /** The engine counts as being asked until the next question, so that nothing else asks before. */
  private missed(slot: Slot): void {
    slot.health.misses += 1;
    // A user takes it in this moment: the claim tells more than another question.
    if (!slot.alive) slot.health.asked = false;
    else if (slot.health.misses >= MISSES) this.findings.silent(slot);
    else this.clock.after(PAUSE_MS, () => void this.askOnce(slot));
  }
}

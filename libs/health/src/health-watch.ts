import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type Clock } from '@pondpilot/kernel';
import { HealthService } from './health.service.js';
import { Lifecycle, type Phase } from './lifecycle.js';
import { HEALTH_CLOCK } from './tokens.js';

/** How often a watched health is looked at; changes of the lifecycle are seen at once. */
const LOOK_EVERY_MS = 2000;

/** The health as it changes. */
@Injectable()
export class HealthWatch {
  constructor(
    private readonly health: HealthService,
    private readonly lifecycle: Lifecycle,
    @Inject(HEALTH_CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Whether the server is ready: now, and again after each change, until `signal` aborts. Once the server drains it
   * ends with `unavailable`, so that nobody who watches holds up the shutdown.
   */
  async *ready(signal: AbortSignal): AsyncGenerator<boolean> {
    let told: boolean | undefined;
    while (!signal.aborted) {
      const { phase } = this.lifecycle;
      const { ready } = await this.health.ready();
      if (ready !== told) yield ready;
      told = ready;
      if (phase === 'draining') throw new DomainError('unavailable', 'The server is shutting down.');
      await this.nextLook(phase, signal);
    }
  }

  /** Waits for the time, or for a change of the phase since it was `seen`. */
  private nextLook(seen: Phase, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancelTimer();
        stopListening();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancelTimer = this.clock.after(LOOK_EVERY_MS, done);
      const stopListening = this.lifecycle.onChange(done);
      signal.addEventListener('abort', done);
      if (signal.aborted || this.lifecycle.phase !== seen) done();
    });
  }
}

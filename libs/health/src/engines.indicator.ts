import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { Clock } from '@pondpilot/kernel';
import { Orchestrator } from '@pondpilot/orchestrator';
import { HEALTH_CLOCK } from './tokens.js';

/**
 * How long a failed start counts. A server that is not ready gets no requests, and without a request no start would
 * ever succeed: so after this time it is ready to try again.
 */
const FAILURE_COUNTS_MS = 30_000;

const REASON =
  'The last start of an engine failed. The reason is in the log under "Container spawn failed"; ' +
  'the next start is tried within half a minute.';

/** Did the last start of an engine succeed? */
@Injectable()
export class EnginesIndicator {
  private failure:
    { readonly text: string; readonly spawnedBefore: number; readonly since: number } | undefined;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly orchestrator: Orchestrator,
    @Inject(HEALTH_CLOCK) private readonly clock: Clock,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('engines');
    return this.hasFreshFailure() ? indicator.down({ reason: REASON }) : indicator.up();
  }

  private hasFreshFailure(): boolean {
    const { lastFailure: text, totalSpawned: spawnedBefore } = this.orchestrator.statistics();
    if (text === undefined) {
      this.failure = undefined;
      return false;
    }
    const now = this.clock.now();
    const same = this.failure?.text === text && this.failure.spawnedBefore === spawnedBefore;
    if (!same) this.failure = { text, spawnedBefore, since: now };
    return now - (this.failure?.since ?? now) < FAILURE_COUNTS_MS;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { Clock } from '@pondpilot/kernel';
import { Orchestrator } from '@pondpilot/orchestrator';
import { HEALTH_CLOCK, ISOLATION, type Isolation } from './tokens.js';

type Check = Awaited<ReturnType<Orchestrator['check']>>;

/** Anyone may ask for the health, so a provider is asked once for all who ask within this time. */
const KEEP_MS = 1000;

/** Could the provider start an engine now? */
@Injectable()
export class ProviderIndicator {
  private latest: Promise<Check | undefined> | undefined;
  private askedAt = -Infinity;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly orchestrator: Orchestrator,
    @Inject(ISOLATION) private readonly isolation: () => Isolation,
    @Inject(HEALTH_CLOCK) private readonly clock: Clock,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('provider');
    const check = await this.ask();
    if (!check) return indicator.down({ reason: 'The engine provider could not be checked.' });
    const facts = { name: check.provider, ...this.isolation() };
    if (check.usable) return indicator.up(facts);
    return indicator.down({ ...facts, reason: check.problem ?? 'The engine provider is not usable.' });
  }

  private ask(): Promise<Check | undefined> {
    const now = this.clock.now();
    if (!this.latest || now - this.askedAt >= KEEP_MS) {
      this.askedAt = now;
      this.latest = this.orchestrator.check().catch(() => undefined);
    }
    return this.latest;
  }
}

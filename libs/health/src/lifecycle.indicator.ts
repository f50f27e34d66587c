import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Lifecycle, type Phase } from './lifecycle.js';

const REASONS: Readonly<Record<Exclude<Phase, 'serving'>, string>> = {
  starting: 'The server is starting.',
  draining: 'The server is shutting down.',
};

@Injectable()
export class LifecycleIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly lifecycle: Lifecycle,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('server');
    const { phase } = this.lifecycle;
    return phase === 'serving' ? indicator.up() : indicator.down({ reason: REASONS[phase] });
  }
}

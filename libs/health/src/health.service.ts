import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { DomainError } from '@pondpilot/kernel';
import { Orchestrator } from '@pondpilot/orchestrator';
import { EnginesIndicator } from './engines.indicator.js';
import { LifecycleIndicator } from './lifecycle.indicator.js';
import { ProviderIndicator } from './provider.indicator.js';

export type ReadyAnswer = { readonly ready: true } | { readonly ready: false; readonly reason: string };

export interface DetailedAnswer {
  readonly status: 'healthy' | 'unhealthy';
  readonly containers: {
    readonly active: number;
    readonly total_spawned: number;
    readonly total_stopped: number;
    /** Those that run for users to come. */
    readonly spare: number;
    /** How many users without an engine wait, by what they wait for: `queued`, `booting`, … */
    readonly waiting: Readonly<Record<string, number>>;
  };
  readonly uptime_seconds: number;
  /** Each with its own `status`, `up` or `down`, and a `reason` where it is down. */
  readonly components: HealthCheckResult['details'];
}

/** Joins what the indicators tell into the answers that are promised. */
@Injectable()
export class HealthService {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly server: LifecycleIndicator,
    private readonly provider: ProviderIndicator,
    private readonly engines: EnginesIndicator,
    private readonly orchestrator: Orchestrator,
  ) {}

  async ready(): Promise<ReadyAnswer> {
    const { status, details } = await this.check();
    if (status === 'ok') return { ready: true };
    const down = Object.values(details).find((component) => component['reason'] !== undefined);
    return { ready: false, reason: String(down?.['reason'] ?? 'The server is shutting down.') };
  }

  async detailed(): Promise<DetailedAnswer> {
    const { status, details } = await this.check();
    const { active, totalSpawned, totalStopped, spare, waiting } = this.orchestrator.statistics();
    return {
      status: status === 'ok' ? 'healthy' : 'unhealthy',
      containers: { active, total_spawned: totalSpawned, total_stopped: totalStopped, spare, waiting },
      uptime_seconds: Math.floor(process.uptime()),
      components: details,
    };
  }

  /** Terminus throws where something is down; what it found is in the exception. */
  private async check(): Promise<HealthCheckResult> {
    try {
      return await this.checks.check([
        () => this.server.check(),
        () => this.provider.check(),
        () => this.engines.check(),
      ]);
    } catch (error) {
      if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthCheckResult;
      throw new DomainError('internal', 'The health could not be checked.', { cause: error });
    }
  }
}

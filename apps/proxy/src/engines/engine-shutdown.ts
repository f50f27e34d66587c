import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ISOLATION, type Isolation } from '@pondpilot/health';
import { DomainError } from '@pondpilot/kernel';
import { Log } from '@pondpilot/observability';
import { EngineManager, Orchestrator } from '@pondpilot/orchestrator';

/**
 * Tells at the start how engines are kept apart and what keeps them from running, which ends the start where only
 * another configuration helps, and stops all engines at the end, after the listeners.
 */
@Injectable()
export class EngineShutdown implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly orchestrator: Orchestrator,
    private readonly log: Log,
    @Inject(ISOLATION) private readonly isolation: () => Isolation,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { provider, usable, problem, permanent } = await this.orchestrator.check();
    if (permanent) throw new DomainError('failed_precondition', problem ?? 'Engines can not be started.');
    this.tellIsolation(provider);
    this.tellProblem(provider, usable, problem);
  }

  /** Takes over the engines of an earlier proxy; requests wait for it. Only once the ports are this one's: another may run. */
  async takeOver(): Promise<void> {
    if (this.orchestrator instanceof EngineManager) await this.orchestrator.open();
  }

  private tellProblem(provider: string, usable: boolean, problem: string | undefined): void {
    if (problem === undefined) return;
    const fields = { provider, error: problem };
    if (usable) this.log.warn('Container provider has a problem', fields);
    else this.log.error('Container provider is not usable', fields);
  }

  private tellIsolation(provider: string): void {
    const { isolation, sandbox = [], weakness } = this.isolation();
    const fields = { provider, isolation, sandbox: sandbox.join(',') };
    if (weakness === undefined) this.log.info('Containers are isolated', fields);
    else this.log.warn('Containers are isolated less than they could be', { ...fields, error: weakness });
  }

  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** Refuses requests that are new or wait for room; calls in flight keep their engines. */
  drain(): void {
    if (this.orchestrator instanceof EngineManager) this.orchestrator.drain();
  }

  /** Stops all engines at once, and with them the calls that they serve. */
  async stop(): Promise<void> {
    if (this.orchestrator instanceof EngineManager) await this.orchestrator.shutdown();
  }
}

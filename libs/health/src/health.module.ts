import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { systemClock } from '@pondpilot/kernel';
import { EnginesIndicator } from './engines.indicator.js';
import { HealthWatch } from './health-watch.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { LifecycleIndicator } from './lifecycle.indicator.js';
import { Lifecycle } from './lifecycle.js';
import { ProviderIndicator } from './provider.indicator.js';
import { HEALTH_CLOCK } from './tokens.js';

/** Liveness, readiness and detail. The imported modules give the `Orchestrator` and `ISOLATION`. */
@Module({})
export class HealthModule {
  static forRoot({ imports = [] }: Pick<ModuleMetadata, 'imports'>): DynamicModule {
    return {
      module: HealthModule,
      imports: [TerminusModule.forRoot({ logger: false }), ...imports],
      controllers: [HealthController],
      providers: [
        Lifecycle,
        LifecycleIndicator,
        ProviderIndicator,
        EnginesIndicator,
        HealthService,
        HealthWatch,
        { provide: HEALTH_CLOCK, useValue: systemClock },
      ],
      exports: [Lifecycle, HealthService, HealthWatch],
    };
  }
}

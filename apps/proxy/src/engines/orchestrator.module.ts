import { Module } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '@pondpilot/config';
import { ISOLATION } from '@pondpilot/health';
import { Log } from '@pondpilot/observability';
import { EngineManager, Orchestrator, selectProvider, type EngineProvider } from '@pondpilot/orchestrator';
import { dockerThere, makeDockerProvider } from './docker-provider.js';
import { EngineShutdown } from './engine-shutdown.js';
import { isolationOf } from './isolation.js';
import { managerOptions } from './manager-options.js';
import { makeProcessProvider } from './process-provider.js';

/** Injection token of the `EngineProvider`. */
export const ENGINE_PROVIDER = Symbol('EngineProvider');

/** One engine a user, on the provider that the configuration names. */
@Module({
  providers: [
    {
      provide: ENGINE_PROVIDER,
      inject: [APP_CONFIG, Log],
      useFactory: (config: AppConfig, log: Log): Promise<EngineProvider> =>
        selectProvider(config.containers.provider, {
          docker: { there: () => dockerThere(), make: (auto) => makeDockerProvider(config, log, auto) },
          process: { there: () => true, make: async () => makeProcessProvider(config, log) },
        }),
    },
    {
      provide: Orchestrator,
      inject: [ENGINE_PROVIDER, APP_CONFIG, Log],
      useFactory: (provider: EngineProvider, config: AppConfig, log: Log) =>
        new EngineManager(provider, managerOptions(config), { log }),
    },
    { provide: ISOLATION, inject: [ENGINE_PROVIDER], useFactory: isolationOf },
    EngineShutdown,
  ],
  exports: [Orchestrator, ISOLATION],
})
export class OrchestratorModule {}

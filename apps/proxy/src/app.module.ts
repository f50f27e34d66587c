import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AuthModule } from '@pondpilot/auth';
import { ConfigModule, type AppConfig } from '@pondpilot/config';
import { ObservabilityModule, type ObservabilityOptions } from '@pondpilot/observability';
import { OrchestratorModule } from './engines/orchestrator.module.js';
import { FlightSqlModule } from './flight/flight-sql.module.js';
import { healthModule } from './health.js';
import { ProblemFilter } from './http/problem.filter.js';

/** The whole proxy. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig, logs: ObservabilityOptions = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        ObservabilityModule.forRoot(logs),
        AuthModule,
        OrchestratorModule,
        healthModule,
        FlightSqlModule,
      ],
      providers: [{ provide: APP_FILTER, useClass: ProblemFilter }],
    };
  }
}

import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule as NestConfigModule, registerAs } from '@nestjs/config';
import type { AppConfig } from './app-config.js';

/** Injection token of the `AppConfig`. */
export const APP_CONFIG = Symbol('AppConfig');

/**
 * Gives the configuration to every module. It is global because it is the one thing that all of them need; it is
 * loaded before Nest starts, since a bad setting must end the start in plain lines.
 */
@Module({})
export class ConfigModule {
  static forRoot(config: AppConfig): DynamicModule {
    const app = registerAs('app', () => config);
    const settings = NestConfigModule.forRoot({
      load: [app],
      ignoreEnvFile: true,
      ignoreEnvVars: true,
      skipProcessEnv: true,
    });
    return {
      module: ConfigModule,
      global: true,
      imports: [settings],
      providers: [{ provide: APP_CONFIG, inject: [app.KEY], useFactory: (value: AppConfig) => value }],
      exports: [APP_CONFIG],
    };
  }
}

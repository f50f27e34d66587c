import { Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule, PARAMS_PROVIDER_TOKEN, PinoLogger, type Params } from 'nestjs-pino';
import { destination } from 'pino';
import { APP_CONFIG, type AppConfig } from '@pondpilot/config';
import { logStream } from './formats.js';
import { FrameworkLogger } from './framework-logger.js';
import { Log } from './log.js';
import { pinoOptions } from './pino-options.js';

export interface ObservabilityOptions {
  /** Takes each line; standard output unless given. */
  readonly write?: (line: string) => void;
}

/** Logs: `Log` for what the product tells, `FrameworkLogger` for `app.useLogger`, a line for each HTTP request. */
@Module({})
export class ObservabilityModule {
  static forRoot(options: ObservabilityOptions = {}): DynamicModule {
    const logger = LoggerModule.forRootAsync({
      inject: [APP_CONFIG],
      useFactory: ({ logging }: AppConfig): Params => ({
        pinoHttp: [pinoOptions(logging.level), logStream(logging.format, options.write ?? standardOutput())],
      }),
    });
    return {
      module: ObservabilityModule,
      global: true,
      imports: [logger],
      providers: [
        Log,
        {
          provide: FrameworkLogger,
          inject: [PinoLogger, PARAMS_PROVIDER_TOKEN],
          useFactory: (pino: PinoLogger, params: Params) => new FrameworkLogger(pino, params),
        },
      ],
      exports: [Log, FrameworkLogger],
    };
  }
}

/** Writes at once and in order, so that no line is lost at the exit. A reader that went away must not end the proxy. */
function standardOutput(): (line: string) => void {
  const output = destination({ dest: 1, sync: true });
  output.on('error', () => {});
  return (line) => output.write(line);
}

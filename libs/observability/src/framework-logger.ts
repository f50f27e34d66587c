import { Logger } from 'nestjs-pino';

/** Nest's own logger: what it tells of modules and routes at the start is of no use to operators, so it is `debug`. */
export class FrameworkLogger extends Logger {
  override log(message: unknown, ...optionalParams: unknown[]): void {
    this.debug(message, ...optionalParams);
  }
}

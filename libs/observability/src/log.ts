import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

/** What happened, in fields: names in snake_case, no secrets. An error goes under `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line an event: what happened as a constant message, with whom and what as fields. */
@Injectable()
export class Log {
  constructor(private readonly pino: PinoLogger) {}

  debug(message: string, fields: LogFields = {}): void {
    this.pino.debug(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.pino.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.pino.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.pino.error(fields, message);
  }
}

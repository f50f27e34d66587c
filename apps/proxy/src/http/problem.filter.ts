import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Log } from '@pondpilot/observability';
import { problemOf } from './problem.js';

/** As much of Express's response as is needed. */
interface Response {
  readonly headersSent: boolean;
  status(code: number): this;
  set(headers: Readonly<Record<string, string>>): this;
  type(mediaType: string): this;
  send(body: string): this;
  destroy(): this;
}

/** Answers every error over HTTP with `application/problem+json`. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { problem, headers } = problemOf(error);
    if (problem.status === 500) this.log.error('Request failed', { err: causeOf(error) });
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(problem.status)
      .set(headers)
      .type('application/problem+json')
      .send(JSON.stringify(problem));
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? error) : error;
}

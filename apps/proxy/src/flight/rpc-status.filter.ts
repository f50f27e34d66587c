import { Catch, Injectable, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';
import { toDomainError } from '@pondpilot/kernel';
import { Log } from '@pondpilot/observability';

/** Turns whatever a guard or handler throws into the `DomainError` that the listener makes a status of. */
@Catch()
@Injectable()
export class RpcStatusFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown): Observable<never> {
    const shown = toDomainError(error);
    if (shown.kind === 'internal') this.log.error('Call failed', { err: shown.cause ?? shown });
    return throwError(() => shown);
  }
}

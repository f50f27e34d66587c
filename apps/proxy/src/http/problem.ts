import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { httpStatus, toDomainError, type DomainError } from '@pondpilot/kernel';

/** An answer as RFC 9457 has it. `type` is stable: programs may decide by it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** Type and detail of the problems that the HTTP server itself finds. */
const FOUND_BY_SERVER: Readonly<Record<number, readonly [type: string, detail: string]>> = {
  400: ['invalid_argument', 'The request can not be read: check its body and its content-type.'],
  404: ['not_found', 'There is nothing here: check the path and the method.'],
  405: ['method_not_allowed', 'This path does not take this method.'],
  413: ['payload_too_large', 'The body of the request is too large.'],
  415: ['unsupported_media_type', 'The body is of a kind, or in an encoding, that is not taken here.'],
};

/** What a client is told of an error: of one that nobody foresaw, nothing but that it happened. */
export function problemOf(error: unknown): ProblemAnswer {
  const status = error instanceof HttpException ? error.getStatus() : statusOfHttpError(error);
  if (status !== undefined && status < 500) {
    const [type, detail] = FOUND_BY_SERVER[status] ?? ['refused', 'The request was refused.'];
    return { problem: problem(type, status, detail), headers: {} };
  }
  const shown = toDomainError(error);
  return { problem: problem(shown.kind, httpStatus[shown.kind], shown.message), headers: headersOf(shown) };
}

/** Body parsers throw errors that carry a status and say whether they may be shown. */
function statusOfHttpError(error: unknown): number | undefined {
  const { status, expose } = (error ?? {}) as { status?: unknown; expose?: unknown };
  return expose === true && typeof status === 'number' && status >= 400 ? status : undefined;
}

function problem(name: string, status: number, detail: string): Problem {
  const title = STATUS_CODES[status] ?? 'Client Closed Request';
  return { type: `urn:pondpilot:problem:${name}`, title, status, detail };
}

function headersOf({ kind, retryAfterMs }: DomainError): Record<string, string> {
  return {
    ...(kind === 'unauthenticated' ? { 'WWW-Authenticate': 'Bearer realm="pondpilot"' } : {}),
    ...(retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) }),
  };
}

import { DomainError, grpcStatus, toDomainError, type ErrorKind } from '@pondpilot/kernel';

/** How a call ends. Plain data: it crosses threads. */
export interface CallStatus {
  readonly code: number;
  /** For the client; empty with status 0. */
  readonly message: string;
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number;
}

/** Response headers of every gRPC answer. */
export const GRPC_RESPONSE_HEADERS = Object.freeze({ ':status': 200, 'content-type': 'application/grpc' });

export const OK: CallStatus = { code: 0, message: '' };

export const OK_TRAILERS = Object.freeze({ 'grpc-status': '0' });

/** Clients take 8 KiB of headers by default: a longer message would cost them the status itself. */
const MAX_MESSAGE_BYTES = 4096;

export function statusOf(error: DomainError): CallStatus {
  const status = { code: grpcStatus[error.kind], message: error.message };
  return error.retryAfterMs === undefined ? status : { ...status, retryAfterMs: error.retryAfterMs };
}

/** The error that a status of our own tells of. */
export function errorOf({ code, message, retryAfterMs }: CallStatus): DomainError {
  const [kind] = Object.entries(grpcStatus).find(([, of]) => of === code) ?? ['internal'];
  return new DomainError(kind as ErrorKind, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** The trailers that tell a status: waiting times in the header of gRPC's retry design and in the one of HTTP. */
export function statusTrailers(status: CallStatus): Record<string, string> {
  const trailers: Record<string, string> = { 'grpc-status': String(status.code) };
  if (status.message !== '') trailers['grpc-message'] = encodeGrpcMessage(status.message);
  if (status.retryAfterMs !== undefined) {
    trailers['grpc-retry-pushback-ms'] = String(Math.ceil(status.retryAfterMs));
    trailers['retry-after'] = String(Math.ceil(status.retryAfterMs / 1000));
  }
  return trailers;
}

/** Trailers that tell an error, whatever was thrown. */
export function errorTrailers(error: unknown): Record<string, string> {
  return statusTrailers(statusOf(toDomainError(error)));
}

/**
 * `grpc-message` as https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md has it: UTF-8, with all but
 * printable ASCII percent-encoded, and `%` itself. Cut after 4 KiB, between characters.
 */
export function encodeGrpcMessage(message: string): string {
  let encoded = '';
  for (const character of message) {
    const next = /[ -$&-~]/.test(character) ? character : percentEncoded(character);
    if (encoded.length + next.length > MAX_MESSAGE_BYTES) return `${encoded}...`;
    encoded += next;
  }
  return encoded;
}

function percentEncoded(character: string): string {
  return Buffer.from(character, 'utf8').toString('hex').toUpperCase().replace(/../g, '%$&');
}

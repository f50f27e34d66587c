import { constants, type OutgoingHttpHeaders } from 'node:http2';
import { grpcStatus, type DomainError } from '@pondpilot/kernel';

/** How a call ends. Plain data: it crosses threads. */
export interface CallStatus {
  readonly code: number;
  /** For the client; empty with status 0. */
  readonly message: string;
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number;
}

export const OK: CallStatus = { code: 0, message: '' };

/** Clients take 8 KiB of headers by default: a longer message would cost them the status itself. */
const MAX_MESSAGE_BYTES = 4096;

export function statusOf(error: DomainError): CallStatus {
  const status = { code: grpcStatus[error.kind], message: error.message };
  return error.retryAfterMs === undefined ? status : { ...status, retryAfterMs: error.retryAfterMs };
}

/** The trailers that tell a status: waiting times in the header of gRPC's retry design and in the one of HTTP. */
export function statusTrailers(status: CallStatus): OutgoingHttpHeaders {
  const trailers: OutgoingHttpHeaders = { 'grpc-status': String(status.code) };
  if (status.message !== '') trailers['grpc-message'] = encodeMessage(status.message);
  if (status.retryAfterMs !== undefined) {
    trailers['grpc-retry-pushback-ms'] = String(Math.ceil(status.retryAfterMs));
    trailers['retry-after'] = String(Math.ceil(status.retryAfterMs / 1000));
  }
  return trailers;
}

/**
 * `grpc-message` as https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md has it: UTF-8, with all but
 * printable ASCII percent-encoded, and `%` itself. Cut after 4 KiB, between characters.
 */
export function encodeMessage(message: string): string {
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

const CODE_OF_RESET: Readonly<Record<number, number>> = {
  [constants.NGHTTP2_REFUSED_STREAM]: grpcStatus.unavailable,
  [constants.NGHTTP2_CANCEL]: grpcStatus.cancelled,
  [constants.NGHTTP2_ENHANCE_YOUR_CALM]: grpcStatus.resource_exhausted,
  [constants.NGHTTP2_INADEQUATE_SECURITY]: grpcStatus.permission_denied,
};

/** The status of a stream that the engine reset, by the table in gRPC's PROTOCOL-HTTP2.md. */
export function statusOfReset(code: number): CallStatus {
  return {
    code: CODE_OF_RESET[code] ?? grpcStatus.internal,
    message: `Your engine broke off this call (HTTP/2 error ${code}).`,
  };
}

/** The status of an answer that is not gRPC. */
export function statusOfHttp(httpStatus: number, contentType: string | undefined): CallStatus {
  const passing = [429, 502, 503, 504].includes(httpStatus);
  return {
    code: passing ? grpcStatus.unavailable : grpcStatus.internal,
    message: `Your engine's address answered with HTTP ${httpStatus} and ${contentType ?? 'no content type'}, not with gRPC.`,
  };
}

const AGAIN = 'Run the statement again: a new engine starts.';

export const ENGINE_UNREACHABLE: CallStatus = {
  code: grpcStatus.unavailable,
  message: `Your engine could not be reached. ${AGAIN}`,
};

export const ENGINE_STOPPED: CallStatus = {
  code: grpcStatus.unavailable,
  message: `Your engine stopped while it was answering. ${AGAIN}`,
};

export const ENGINE_WITHOUT_STATUS: CallStatus = {
  code: grpcStatus.internal,
  message: 'Your engine ended its answer without a status.',
};

export const DEADLINE_PASSED: CallStatus = {
  code: grpcStatus.deadline_exceeded,
  message: 'The deadline that the client set for this call has passed.',
};

export const CANCELLED: CallStatus = {
  code: grpcStatus.cancelled,
  message: 'The client cancelled the call.',
};

export const STOPPING: CallStatus = {
  code: grpcStatus.unavailable,
  message: 'The proxy is stopping. Connect again and run the statement again.',
};

export const LISTENER_LOST: CallStatus = {
  code: grpcStatus.unavailable,
  message: 'The listener failed and starts again. Connect again and run the statement again.',
};

import { constants } from 'node:http2';
import { grpcStatus } from '@pondpilot/kernel';
import type { CallStatus } from '../protocol/status.js';
import { MAX_HEADERS } from './settings.js';

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

/** The status of a call whose headers were not even looked at. */
export function headersTooLarge(bytes: number): CallStatus {
  return {
    code: grpcStatus.resource_exhausted,
    message: `The headers of this call have ${bytes} bytes, by the count of HTTP/2; at most ${MAX_HEADERS} are taken. Send fewer or shorter ones: some clients make headers of unknown parameters in the connection URL.`,
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

/** As `ENGINE_STOPPED`, with what is known of the reason, in whole sentences. */
export function engineStopped(reason: string | undefined): CallStatus {
  if (reason === undefined) return ENGINE_STOPPED;
  return {
    code: grpcStatus.unavailable,
    message: `Your engine stopped while it was answering: ${reason} ${AGAIN}`,
  };
}

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

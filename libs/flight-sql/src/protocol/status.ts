import { grpcStatus, toDomainError } from '@pondpilot/kernel';

/** Response headers of every gRPC answer. */
export const GRPC_RESPONSE_HEADERS = Object.freeze({ ':status': 200, 'content-type': 'application/grpc' });

/** Longest text of a `grpc-message`: trailers have to fit the header limits of all clients. */
const MAX_MESSAGE_BYTES = 4096;

/** Trailers that tell an error. */
export function errorTrailers(error: unknown): Record<string, string> {
  const { kind, message, retryAfterMs } = toDomainError(error);
  return {
    'grpc-status': String(grpcStatus[kind]),
    'grpc-message': encodeGrpcMessage(message),
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
  };
}

export const OK_TRAILERS = Object.freeze({ 'grpc-status': '0' });

/** Percent-encodes what the gRPC over HTTP/2 specification wants encoded: all but printable ASCII, and `%`. */
export function encodeGrpcMessage(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8').subarray(0, MAX_MESSAGE_BYTES)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

const TIMEOUT_UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Milliseconds of a `grpc-timeout` header; undefined where there is none, or it is malformed. */
export function parseGrpcTimeout(value: string | undefined): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(value ?? '');
  return match ? Number(match[1]) * (TIMEOUT_UNITS_MS[match[2] ?? 'm'] ?? 1) : undefined;
}

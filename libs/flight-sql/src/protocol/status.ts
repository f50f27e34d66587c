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

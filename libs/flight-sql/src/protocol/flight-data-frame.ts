import { PREFIX_BYTES, writePrefix } from './grpc-frame.js';

/** An Arrow message in a buffer with writable room: 64 bytes in front of the header, and 64 between it and the body. */
export interface ArrowMessageBytes {
  readonly buffer: Buffer;
  readonly headerStart: number;
  readonly headerBytes: number;
  readonly bodyStart: number;
  readonly bodyBytes: number;
}

/** Protobuf tags of FlightData: data_header = 2, data_body = 1000, both length-delimited. */
const HEADER_TAG = 0x12;
const BODY_TAG = [0xc2, 0x3e] as const;

/**
 * Turns an Arrow message into a gRPC frame with a FlightData in it, within its own buffer: only the small header is
 * moved, the body stays where it is. Returns the frame.
 */
export function frameFlightDataInPlace(message: ArrowMessageBytes): Buffer {
  const { buffer, headerStart, headerBytes, bodyStart, bodyBytes } = message;
  const bodyTagStart = bodyBytes === 0 ? bodyStart : bodyStart - BODY_TAG.length - varintBytes(bodyBytes);
  const movedHeader = bodyTagStart - headerBytes;
  buffer.copyWithin(movedHeader, headerStart, headerStart + headerBytes);
  if (bodyBytes > 0) {
    buffer[bodyTagStart] = BODY_TAG[0];
    buffer[bodyTagStart + 1] = BODY_TAG[1];
    writeVarint(buffer, bodyTagStart + BODY_TAG.length, bodyBytes);
  }
  const headerTag = movedHeader - 1 - varintBytes(headerBytes);
  buffer[headerTag] = HEADER_TAG;
  writeVarint(buffer, headerTag + 1, headerBytes);
  const start = headerTag - PREFIX_BYTES;
  const end = bodyStart + bodyBytes;
  writePrefix(buffer, start, end - headerTag);
  return buffer.subarray(start, end);
}

/** A gRPC frame with a FlightData that carries nothing but a header, such as a schema. */
export function frameFlightDataHeader(header: Uint8Array): Buffer {
  const messageBytes = 1 + varintBytes(header.byteLength) + header.byteLength;
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + messageBytes);
  writePrefix(frame, 0, messageBytes);
  frame[PREFIX_BYTES] = HEADER_TAG;
  frame.set(header, writeVarint(frame, PREFIX_BYTES + 1, header.byteLength));
  return frame;
}

/** A gRPC frame with a FlightData of a header and a body that lie apart. */
export function frameFlightData(header: Uint8Array, body: Uint8Array): Buffer {
  const bodyStart = Math.ceil((128 + header.byteLength) / 64) * 64;
  const buffer = Buffer.alloc(bodyStart + body.byteLength);
  buffer.set(header, 64);
  buffer.set(body, bodyStart);
  const headerBytes = header.byteLength;
  return frameFlightDataInPlace({
    buffer,
    headerStart: 64,
    headerBytes,
    bodyStart,
    bodyBytes: body.byteLength,
  });
}

/** An encapsulated IPC message (continuation, length, padded to 8 bytes), as FlightInfo.schema carries it. */
export function encapsulate(header: Uint8Array): Uint8Array {
  const padded = Math.ceil(header.byteLength / 8) * 8;
  const message = Buffer.alloc(8 + padded);
  message.writeUInt32LE(0xffff_ffff, 0);
  message.writeInt32LE(padded, 4);
  message.set(header, 8);
  return message;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let left = value; left >= 128; left = Math.floor(left / 128)) bytes++;
  return bytes;
}

/** Writes a varint and returns the offset behind it. */
function writeVarint(target: Buffer, at: number, value: number): number {
  let left = value;
  let offset = at;
  for (; left >= 128; left = Math.floor(left / 128)) target[offset++] = (left % 128) + 128;
  target[offset++] = left;
  return offset;
}

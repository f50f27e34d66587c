import type { Socket } from 'node:net';
import { PREFACE_TIMEOUT_MS } from './settings.js';

/** How every HTTP/2 connection starts (RFC 9113, 3.4). No HTTP/1.1 method starts like it beyond `PR`. */
const PREFACE_START = 'PRI';

/** The first byte of a TLS handshake. */
const TLS_HANDSHAKE = 0x16;

export const NOT_GRPC =
  'This port speaks gRPC (Arrow Flight SQL). HTTP has its own port, 8080 unless the server is set up otherwise.\n';

const NEEDS_TLS = 'This port speaks TLS: connect by grpc+tls:// (JDBC: useEncryption=true).';

type Protocol = 'http2' | 'tls';

/** Looks at the first bytes of a connection: what is `expected` goes on to `accept`, all else gets a short answer. */
export function sniff(socket: Socket, expected: Protocol, accept: () => void): void {
  const silent = setTimeout(() => socket.destroy(), PREFACE_TIMEOUT_MS);
  // A connection that breaks concerns nobody here.
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(silent));
  socket.once('readable', () => {
    clearTimeout(silent);
    const head = socket.read() as Buffer | null;
    if (head === null) return void socket.destroy();
    const spoken = protocolOf(head);
    if (spoken !== expected) return turnAway(socket, spoken);
    socket.unshift(head);
    accept();
  });
}

function protocolOf(head: Buffer): Protocol | undefined {
  if (head[0] === TLS_HANDSHAKE) return 'tls';
  const start = head.subarray(0, PREFACE_START.length).toString('latin1');
  return PREFACE_START.startsWith(start) ? 'http2' : undefined;
}

function turnAway(socket: Socket, spoken: Protocol | undefined): void {
  // TLS to a port without it: a client makes nothing of text here, and the end tells it as much.
  if (spoken === 'tls') return void socket.destroy();
  socket.end(
    spoken === 'http2' ? goAway(NEEDS_TLS) : httpAnswer(),
    // A client that still sends must get the answer before its bytes meet a closed socket.
    () => setTimeout(() => socket.destroy(), 500),
  );
  socket.resume();
}

function httpAnswer(): string {
  return (
    'HTTP/1.1 415 Unsupported Media Type\r\ncontent-type: text/plain; charset=utf-8\r\n' +
    `content-length: ${Buffer.byteLength(NOT_GRPC)}\r\nconnection: close\r\n\r\n${NOT_GRPC}`
  );
}

/**
 * A GOAWAY frame (RFC 9113, 6.8) for a client that speaks HTTP/2 in the clear. No SETTINGS come before it, as they
 * would by rights: gRPC waits for those before it sends its call, and with it the token.
 */
function goAway(text: string): Buffer {
  const INADEQUATE_SECURITY = 0xc;
  const payload = Buffer.concat([Buffer.alloc(8), Buffer.from(text)]);
  payload.writeUInt32BE(INADEQUATE_SECURITY, 4);
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(7, 3);
  return Buffer.concat([head, payload]);
}

import type { Socket } from 'node:net';
import { PREFACE_TIMEOUT_MS } from './settings.js';

/** How every HTTP/2 connection starts (RFC 9113, 3.4). No HTTP/1.1 method starts like it beyond `PR`. */
const PREFACE_START = 'PRI';

/** The first byte of a TLS handshake. */
const TLS_HANDSHAKE = 0x16;

export const NOT_GRPC =
  'This port speaks gRPC (Arrow Flight SQL). HTTP has its own port, 8080 unless the server is set up otherwise.\n';

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
  // To TLS there is no answer that a client without it could read. To HTTP/2 in the clear there must be none: gRPC
  // waits for the server's first frame before it sends its call, and with it the token.
  if (spoken) return void socket.destroy();
  socket.end(
    'HTTP/1.1 415 Unsupported Media Type\r\ncontent-type: text/plain; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(NOT_GRPC)}\r\nconnection: close\r\n\r\n${NOT_GRPC}`,
    // A client that still sends must get the answer before its bytes meet a closed socket.
    () => setTimeout(() => socket.destroy(), 500),
  );
  socket.resume();
}

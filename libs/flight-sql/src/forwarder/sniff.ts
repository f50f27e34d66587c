import type { Socket } from 'node:net';
import { PREFACE_TIMEOUT_MS } from './settings.js';

/** How every HTTP/2 connection starts (RFC 9113, 3.4). No HTTP/1.1 method starts like it beyond `PR`. */
const PREFACE_START = 'PRI';

/** The first byte of a TLS handshake. */
const TLS_HANDSHAKE = 0x16;

export const NOT_GRPC =
  'This port speaks gRPC (Arrow Flight SQL). HTTP has its own port, 8080 unless the server is set up otherwise.\n';

/** Looks at the first bytes of a connection: HTTP/2 goes on to `accept`, all else gets a short answer. */
export function sniff(socket: Socket, accept: () => void): void {
  const silent = setTimeout(() => socket.destroy(), PREFACE_TIMEOUT_MS);
  // A connection that breaks before it said anything concerns nobody.
  const ignore = () => {};
  socket.on('error', ignore);
  socket.once('close', () => clearTimeout(silent));
  socket.once('readable', () => {
    clearTimeout(silent);
    const head = socket.read() as Buffer | null;
    if (head === null) return void socket.destroy();
    if (!isHttp2(head)) return turnAway(socket, head);
    socket.off('error', ignore);
    socket.unshift(head);
    accept();
  });
}

function isHttp2(head: Buffer): boolean {
  return PREFACE_START.startsWith(head.subarray(0, PREFACE_START.length).toString('latin1'));
}

function turnAway(socket: Socket, head: Buffer): void {
  // TLS to a port without it: a client makes nothing of text here, and the end tells it as much.
  if (head[0] === TLS_HANDSHAKE) return void socket.destroy();
  socket.end(
    'HTTP/1.1 415 Unsupported Media Type\r\ncontent-type: text/plain; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(NOT_GRPC)}\r\nconnection: close\r\n\r\n${NOT_GRPC}`,
    // A client that still sends must get the answer before its bytes meet a closed socket.
    () => setTimeout(() => socket.destroy(), 500),
  );
  socket.resume();
}

import type { Socket } from 'node:net';

/** How long a client that is gone may go unnoticed. */
const LOOK_EVERY_MS = 1_000;

/** What Node reads and writes by. It has no public name. */
interface Handle {
  readStart(): number;
}

/**
 * Lets a socket under TLS and HTTP/2 find out that its client has vanished with a reset of TCP. Node 24 reads nothing
 * from an HTTP/2 connection while a write to it waits, and its TLS drops the error of a write that fails at once: such
 * a write waits for ever, and the connection with all of its calls would stay. So where nothing has moved for a while,
 * reading starts once more: a dead socket then tells its end; from a living one HTTP/2 takes a little and stops again.
 */
export function noticeReset(socket: Socket): void {
  let moved = -1;
  const timer = setInterval(() => {
    const now = socket.bytesRead + socket.bytesWritten;
    const handle = Reflect.get(socket, '_handle') as Handle | null;
    if (now === moved) handle?.readStart();
    moved = now;
  }, LOOK_EVERY_MS);
  socket.once('close', () => clearInterval(timer));
}

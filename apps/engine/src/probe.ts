import { connect } from 'node:net';
import type { ServerAddress, ServerType } from '@pondpilot/kernel';

/** Milliseconds in which a server must take a connection and, where it speaks first, say something. */
export const PROBE_TIMEOUT_MS = 2000;

/** PostgreSQL's SSLRequest: its length and code (protocol, "Message Formats"). A server answers with one byte. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Whether a database server answers, and not only its host: a client that waits for one that takes connections and says
 * nothing waits for long, MySQL's for ever. MySQL speaks first; PostgreSQL is asked whether it has TLS.
 */
export function probe(type: ServerType, { host, port }: ServerAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answers: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answers);
    };
    const timer = setTimeout(() => end(false), PROBE_TIMEOUT_MS);
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('data', () => end(true));
    if (type === 'postgres') socket.once('connect', () => socket.write(SSL_REQUEST));
  });
}

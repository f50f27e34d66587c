import { connect } from 'node:net';
import type { ServerAddress, ServerType } from '@pondpilot/kernel';

/** Milliseconds in which a server must take a connection and, where it speaks first, say something. */
export const PROBE_TIMEOUT_MS = 2000;

/**
 * Whether a database server answers. MySQL's client has no time-out for a host that takes connections and then says
 * nothing, so its greeting is waited for here; PostgreSQL's client has one itself, and its server waits to be spoken to.
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
    if (type === 'mysql') socket.once('data', () => end(true));
    else socket.once('connect', () => end(true));
  });
}

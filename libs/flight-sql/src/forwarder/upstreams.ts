import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket, isIPv6 } from 'node:net';
import { CONNECT_TIMEOUT_MS, CONNECTION_WINDOW, KEEPALIVE_MS, sessionOptions } from './settings.js';

/**
 * The connections to engines of one client connection. Not shared between clients: what one does not read never
 * holds up another, and an engine sees a client go when its connections go.
 */
export class Upstreams {
  private readonly sessions = new Map<string, ClientHttp2Session>();
  private exchanges = 0;

  /** Starts a call. A connection that fails shows as the error and end of the stream. */
  request(host: string, port: number, headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const lane = this.lane(String(headers[':path']));
    const session = this.session(host, port, lane);
    const reset = new AbortController();
    const stream = session.request(headers, { endStream: false, signal: reset.signal });
    resets.set(stream, reset);
    if (lane.startsWith('exchange')) stream.once('close', () => session.close());
    return stream;
  }

  /** Does a connection stand, or come about, for a call there? */
  has({ host, port }: { readonly host: string; readonly port: number }, path: string): boolean {
    return this.known(keyOf(host, port, this.lane(path))) !== undefined;
  }

  /** Ends the connections as soon as their streams have ended. */
  close(): void {
    for (const session of this.sessions.values()) session.close();
  }

  /**
   * Node reads nothing from an HTTP/2 connection while a write to it waits. Two Node processes that send each other
   * more than the sockets hold therefore wait forever, so no connection carries much in both directions: reads,
   * uploads and each exchange have their own.
   */
  private lane(path: string): string {
    if (path.endsWith('/DoPut')) return 'upload';
    if (path.endsWith('/DoExchange')) return `exchange ${this.exchanges++}`;
    return 'read';
  }

  private session(host: string, port: number, lane: string): ClientHttp2Session {
    const key = keyOf(host, port, lane);
    const known = this.known(key);
    if (known) return known;
    const session = open(host, port);
    this.sessions.set(key, session);
    session.on('close', () => {
      if (this.sessions.get(key) === session) this.sessions.delete(key);
    });
    return session;
  }

  private known(key: string): ClientHttp2Session | undefined {
    const session = this.sessions.get(key);
    return session?.closed === false && !session.destroyed ? session : undefined;
  }
}

function authorityOf(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function keyOf(host: string, port: number, lane: string): string {
  return `${authorityOf(host, port)} ${lane}`;
}

function open(host: string, port: number): ClientHttp2Session {
  const authority = authorityOf(host, port);
  const session = connect(`http://${authority}`, {
    ...sessionOptions,
    // The session forbids to set this on its socket later.
    createConnection: () =>
      connectSocket({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS }),
  });
  const late = setTimeout(
    () => session.destroy(new Error(`${authority} did not take the connection`)),
    CONNECT_TIMEOUT_MS,
  );
  session.once('connect', () => {
    clearTimeout(late);
    session.setLocalWindowSize(CONNECTION_WINDOW);
  });
  session.once('close', () => clearTimeout(late));
  // Its streams end with it, and each tells its own call.
  session.on('error', () => {});
  return session;
}

const resets = new WeakMap<ClientHttp2Stream, AbortController>();

/**
 * Resets a request that has not been sent to its end. Closing it would end it properly first, and the engine would take
 * what came so far for all there is.
 */
export function resetRequest(stream: ClientHttp2Stream): void {
  resets.get(stream)?.abort();
}

import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { CallStatus } from '../protocol/status.js';
import { Call } from './call.js';
import { ClientStream } from './client-stream.js';
import { firstOf, fromRaw, isGrpc, listSize } from './headers.js';
import type { CallOrder, ThreadMessage } from './link.js';
import { CONNECTION_WINDOW, MAX_HEADERS } from './settings.js';
import { NOT_GRPC } from './sniff.js';
import { headersTooLarge } from './status.js';
import { Upstreams } from './upstreams.js';

/** What a connection needs of the listener that it came to. */
export interface ConnectionHost {
  readonly post: (message: ThreadMessage) => void;
  /** Registers a call and gives it its id. */
  readonly enter: (connection: Connection) => number;
}

/** One client connection with its calls, and its own connections to engines. */
export class Connection {
  private readonly calls = new Map<number, Call>();
  private readonly upstreams = new Upstreams();
  private readonly peer: string;
  private gone = false;

  constructor(
    private readonly id: number,
    private readonly session: ServerHttp2Session,
    private readonly host: ConnectionHost,
  ) {
    this.peer = session.socket.remoteAddress ?? '';
    session.setLocalWindowSize(CONNECTION_WINDOW);
    session.on('error', () => {});
    session.on('close', () => this.onClose());
    session.on('stream', (stream, _, __, raw: string[]) => this.onStream(stream, raw));
  }

  obey(order: CallOrder): void {
    this.calls.get(order.id)?.obey(order);
  }

  /** Takes no more calls and ends when those in flight have ended. */
  close(): void {
    this.session.close();
  }

  /** Ends the calls in flight with `status`. */
  cut(status: CallStatus): void {
    for (const call of this.calls.values()) call.fail(status);
  }

  destroy(): void {
    this.session.destroy();
  }

  private onStream(stream: ServerHttp2Stream, raw: string[]): void {
    const headers = fromRaw(raw);
    if (headers[':method'] !== 'POST' || !isGrpc(firstOf(headers['content-type']))) return turnAway(stream);
    const size = listSize(raw);
    if (size > MAX_HEADERS) return new ClientStream(stream).finish(headersTooLarge(size));
    const id = this.host.enter(this);
    const post = (message: ThreadMessage) => this.onMessage(id, message);
    this.calls.set(id, new Call(id, stream, headers, this.upstreams, post));
    const path = firstOf(headers[':path']) ?? '/';
    this.host.post({ type: 'call', id, path, headers, peer: this.peer, connectionId: this.id });
  }

  private onMessage(id: number, message: ThreadMessage): void {
    this.host.post(message);
    if (message.type !== 'ended') return;
    this.calls.delete(id);
    this.tellClosed();
  }

  private onClose(): void {
    this.gone = true;
    this.upstreams.close();
    this.tellClosed();
  }

  /** Not before the last of its calls: until then the main thread may still learn of an engine that it uses. */
  private tellClosed(): void {
    if (this.gone && this.calls.size === 0)
      this.host.post({ type: 'connection-closed', connectionId: this.id });
  }
}

function turnAway(stream: ServerHttp2Stream): void {
  stream.on('error', () => {});
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ':status': 415, 'content-type': 'text/plain; charset=utf-8' });
  stream.resume();
  stream.end(NOT_GRPC);
}

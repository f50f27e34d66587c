import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { CallStatus } from '../protocol/status.js';
import { Call } from './call.js';
import { ClientStream } from './client-stream.js';
import { firstOf, fromRaw, isGrpc, listSize } from './headers.js';
import type { CallArrived, CallOrder, ForwardOrder, ThreadMessage } from './link.js';
import type { CallHeaders } from './types.js';
import { CONNECTION_WINDOW, MAX_HEADERS } from './settings.js';
import { NOT_GRPC } from './sniff.js';
import { StandingRoute, StandingRoutes } from './standing-routes.js';
import { headersTooLarge } from './status.js';
import { Upstreams } from './upstreams.js';

/** What a connection needs of the listener that it came to. */
export interface ConnectionHost {
  readonly post: (message: ThreadMessage) => void;
  /** Registers a call and gives it its id. */
  readonly enter: (connection: Connection) => number;
  /** Forgets a call that the main thread has never heard of. */
  readonly leave: (id: number) => void;
  /** Asks the main thread why a target that calls went to has stopped. */
  readonly reasonOfStop: (target: string) => Promise<string | undefined>;
}

type Ended = Extract<ThreadMessage, { readonly type: 'ended' }>;

/** A call, and the standing route that it has to do with. */
interface Known {
  readonly arrived: CallArrived;
  readonly call: Call;
  /** The route that it goes; the main thread knows nothing of it then. */
  goes: StandingRoute | undefined;
  /** The route that was given to it: to the main thread it has ended when the route has. */
  holds: StandingRoute | undefined;
  ended: Ended | undefined;
}

/** One client connection with its calls, and its own connections to engines. */
export class Connection {
  private readonly calls = new Map<number, Known>();
  private readonly routes = new StandingRoutes();
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
    const known = this.calls.get(order.id);
    if (!known) return;
    if (order.type === 'forward' && order.order.reuseForMs > 0) this.keepRoute(known, order.order);
    // What was answered here may have changed where calls of this connection go: a handshake does.
    if (order.type === 'reply') this.routes.clear();
    known.call.obey(order);
  }

  /** Takes no more calls and ends when those in flight have ended. */
  close(): void {
    this.session.close();
    this.routes.clear();
  }

  /** Ends the calls in flight with `status`. */
  cut(status: CallStatus): void {
    for (const { call } of this.calls.values()) call.fail(status);
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
    const path = firstOf(headers[':path']) ?? '/';
    const arrived: CallArrived = { type: 'call', id, path, headers, peer: this.peer, connectionId: this.id };
    const post = (message: ThreadMessage) => this.onMessage(known, message);
    const call = new Call(id, stream, headers, this.upstreams, post, this.host.reasonOfStop);
    const known: Known = { arrived, call, goes: undefined, holds: undefined, ended: undefined };
    this.calls.set(id, known);
    const route = this.standingRoute(path, headers);
    if (route) this.goThrough(known, route);
    else this.host.post(arrived);
  }

  /** One whose connection to the engine is gone may lead to an engine that is gone, and ends. */
  private standingRoute(path: string, headers: CallHeaders): StandingRoute | undefined {
    const route = this.routes.find(path, headers);
    if (!route || this.upstreams.has(route.order, path)) return route;
    this.routes.remove(route);
    return undefined;
  }

  private goThrough(known: Known, route: StandingRoute): void {
    route.enter();
    known.goes = route;
    known.call.obey({ type: 'forward', id: known.arrived.id, order: route.order });
  }

  /** Keeps the way that a call was given for others; a lease goes with it. */
  private keepRoute(known: Known, order: ForwardOrder): void {
    const route = new StandingRoute(order, () => {
      if (known.ended) this.end(known, known.ended);
    });
    route.enter();
    known.holds = route;
    this.routes.add(known.arrived.path, known.arrived.headers, route);
  }

  private onMessage(known: Known, message: ThreadMessage): void {
    if (known.goes) return this.onThrough(known, known.goes, message);
    if (message.type === 'ended') return this.onEnded(known, message);
    if (message.type === 'unreached') this.release(known);
    this.host.post(message);
  }

  /** Of a call that the main thread knows nothing of. */
  private onThrough(known: Known, route: StandingRoute, message: ThreadMessage): void {
    const { arrived } = known;
    if (message.type === 'unreached') {
      known.goes = undefined;
      this.routes.remove(route);
      route.leave();
      this.host.post(arrived);
    } else if (message.type === 'ended') {
      this.calls.delete(arrived.id);
      this.host.leave(arrived.id);
      route.leave();
      this.tellClosed();
    } else if (message.type === 'error') {
      this.host.post(message);
    }
  }

  private onEnded(known: Known, ended: Ended): void {
    const route = known.holds;
    if (!route) return this.end(known, ended);
    known.ended = ended;
    route.leave();
  }

  /** The route led nowhere, and its lease is given back. */
  private release(known: Known): void {
    if (known.holds) this.routes.remove(known.holds);
    known.holds = undefined;
  }

  private end({ arrived }: Known, ended: Ended): void {
    this.calls.delete(arrived.id);
    this.host.post(ended);
    this.tellClosed();
  }

  private onClose(): void {
    this.gone = true;
    this.routes.clear();
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

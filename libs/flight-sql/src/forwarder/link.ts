import type { CallStatus } from '../protocol/status.js';
import type { CallHeaders, CallOutcome, ListenerTls } from './types.js';

/** What the listener's thread starts with. Plain data, as all of this file: it crosses threads. */
export interface ThreadSettings {
  readonly host: string;
  readonly port: number;
  /** Undefined: in the clear. */
  readonly tls: ListenerTls | undefined;
  /** Ids of connections count up from here. */
  readonly firstConnectionId: number;
}

/** A call that came in. */
export interface CallArrived {
  readonly type: 'call';
  readonly id: number;
  readonly path: string;
  readonly headers: CallHeaders;
  readonly peer: string;
  readonly connectionId: number;
}

/** From the listener's thread to the main thread. */
export type ThreadMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly code: string | undefined; readonly message: string }
  | CallArrived
  /** Nobody waits for the call any more. With `status` the client is there still, and told that if nothing better comes. */
  | { readonly type: 'gone'; readonly id: number; readonly status?: CallStatus }
  /** Nothing of the call is in flight any more. The last message of a call, sent exactly once. */
  | { readonly type: 'ended'; readonly id: number; readonly outcome: CallOutcome }
  /** The engine could not be reached, nothing was sent to it, and the order said that there may be another. */
  | { readonly type: 'unreached'; readonly id: number }
  /** The connection to this target is gone, and clients are to be told why. Answered by `stopped-because`. */
  | { readonly type: 'stopped'; readonly question: number; readonly target: string }
  /** A client connection has closed, and none of its calls is left. */
  | { readonly type: 'connection-closed'; readonly connectionId: number }
  | { readonly type: 'first-message'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'no-first-message'; readonly id: number; readonly reason: string }
  /** This many bytes of messages of a reply have left. */
  | { readonly type: 'sent'; readonly id: number; readonly bytes: number }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'closed' }
  /** Several at once, in their order. */
  | { readonly type: 'several'; readonly messages: readonly ThreadMessage[] };

/** Where a call goes, without the callback that can't cross threads. Names of headers are in lower case. */
export interface ForwardOrder {
  readonly host: string;
  readonly port: number;
  readonly setHeaders: Readonly<Record<string, string>>;
  readonly dropHeaders: readonly string[];
  readonly dropPrefix: string | undefined;
  readonly responseHeaders: Readonly<Record<string, string>>;
  /** 0: for this call alone. */
  readonly reuseForMs: number;
  /** Shall the main thread hear of an engine that can't be reached, instead of the client? */
  readonly again: boolean;
  readonly target: string | undefined;
}

/** From the main thread to the listener's thread. */
export type MainMessage =
  | { readonly type: 'forward'; readonly id: number; readonly order: ForwardOrder }
  /** The response headers of a call that is answered here. */
  | { readonly type: 'reply'; readonly id: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly type: 'message'; readonly id: number; readonly bytes: Uint8Array }
  /** The status: after the messages of a reply, or alone. */
  | { readonly type: 'finish'; readonly id: number; readonly status: CallStatus }
  | { readonly type: 'read-first-message'; readonly id: number }
  | { readonly type: 'stopped-because'; readonly question: number; readonly reason: string | undefined }
  /** The certificate for connections to come. */
  | { readonly type: 'secure'; readonly tls: ListenerTls }
  | { readonly type: 'close'; readonly graceMs: number };

/** The messages that are about one call. */
export type CallOrder = Exclude<MainMessage, { readonly type: 'close' | 'secure' | 'stopped-because' }>;

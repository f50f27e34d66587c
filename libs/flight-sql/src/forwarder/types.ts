import type { SecureVersion } from 'node:tls';

/** gRPC metadata as it stood on the wire: lower-case names; values that came several times as a list. */
export type CallHeaders = Readonly<Record<string, string | readonly string[]>>;

/** What the listener tells of a call before anything is done with it. */
export interface IncomingCall {
  /** e.g. `/arrow.flight.protocol.FlightService/DoGet` */
  readonly path: string;
  readonly headers: CallHeaders;
  /** The client's address as the socket has it, without the port. */
  readonly peer: string;
  /** The same for all calls of one client connection, and never used again. */
  readonly connectionId: number;
  /**
   * Waits for the first request message, of at most 64 KiB (else it rejects with `invalid_argument`). Only for calls
   * that are answered here: a call that is forwarded must not read.
   */
  firstMessage(): Promise<Uint8Array>;
  /**
   * Aborts when the client cancels, its deadline passes, its connection ends, or the listener must not wait for the call
   * any longer. Where the client still hears of it, for a moment, `reason` is the `DomainError` that it is told: a
   * router may throw one of the same kind that says more.
   */
  readonly signal: AbortSignal;
}

/** What shall become of a call. */
export type CallRoute =
  | {
      readonly kind: 'forward';
      readonly host: string;
      readonly port: number;
      /** Added to the client's headers on the way to the engine; they replace headers of the same name. */
      readonly setHeaders: Readonly<Record<string, string>>;
      /** Names of client headers that the engine must not see, e.g. `authorization`. */
      readonly dropHeaders: readonly string[];
      /** Headers whose names begin so, in lower case, are dropped too, e.g. `x-internal-`. */
      readonly dropPrefix?: string;
      /**
       * For so long calls of the same connection with the same path and the same values of `dropHeaders` go the same way
       * without the router; it has looked at nothing else then. `done` is called when the last of them has ended. An
       * answer that is no forwarding, over the same connection, ends it early.
       */
      readonly reuseForMs?: number;
      /** Names the engine, for `reasonOfStop`. */
      readonly target?: string;
      /** Added to the response headers on the way to the client. */
      readonly responseHeaders?: Readonly<Record<string, string>>;
      /** Called once, when the engine has nothing more to do with the call. */
      readonly done: (outcome: CallOutcome) => void;
      /**
       * Another route, for a call whose engine could not be reached and got nothing of it; asked a moment after `done`,
       * and at most once a call. Without it the client hears UNAVAILABLE.
       */
      readonly again?: () => Promise<CallRoute>;
    }
  | {
      readonly kind: 'reply';
      /** Encoded response messages, sent as they come; then status OK. A `DomainError` thrown by it is the status. */
      readonly messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
      readonly responseHeaders?: Readonly<Record<string, string>>;
    };

/** How a forwarded call ended, as far as bytes tell. */
export interface CallOutcome {
  /** gRPC status that the client was sent; 1 (CANCELLED) where the client went away first. */
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** Decides on a call. A `DomainError` that it throws becomes the call's status; any other error INTERNAL, logged. */
export type CallRouter = (call: IncomingCall) => Promise<CallRoute>;

/**
 * What a port speaks TLS with, in the words of node:tls. Certificates and keys are PEM; all of it is plain data, for it
 * crosses threads.
 */
export interface ListenerTls {
  /** The certificate, then its intermediate ones. */
  readonly cert: string;
  readonly key: string;
  /** Those who sign the certificates of clients. */
  readonly ca?: string;
  readonly minVersion: SecureVersion;
  readonly ciphers: string;
  readonly honorCipherOrder: boolean;
  /** Options of OpenSSL, `SSL_OP_…`. */
  readonly secureOptions: number;
  /** Are clients asked for a certificate, and refused without a good one? */
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** With it the port speaks TLS, and nothing else. */
  readonly tls?: ListenerTls;
  /** Told of errors that no client can be told of. */
  readonly onError?: (error: Error) => void;
  /**
   * Why the engine that a route named as its `target` has stopped, in whole sentences for its user; undefined where that is
   * not known. Calls wait for the answer, so it must come soon.
   */
  readonly reasonOfStop?: (target: string) => Promise<string | undefined>;
  /** Told once of each connection that calls came over, when it has closed and none of them is in flight any more. */
  readonly onConnectionClosed?: (connectionId: number) => void;
}

export interface FlightListener {
  /** The port that it listens on. */
  readonly port: number;
  /**
   * Speaks TLS with another certificate from now on; connections that are open keep theirs. Whether clients are asked
   * for one stays as it was.
   */
  secure(tls: ListenerTls): void;
  /** Refuses new connections and calls, lets calls in flight end within `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

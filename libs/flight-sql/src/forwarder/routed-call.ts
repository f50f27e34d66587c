import { DomainError, toDomainError } from '@pondpilot/kernel';
import { OK, errorOf, statusOf, type CallStatus } from '../protocol/status.js';
import { Deferred } from './deferred.js';
import { lowerCased } from './headers.js';
import type { CallArrived, ForwardOrder, MainMessage } from './link.js';
import { MAX_UNSENT } from './settings.js';
import { ENGINE_UNREACHABLE } from './status.js';
import type { CallHeaders, CallOutcome, CallRoute, CallRouter, IncomingCall } from './types.js';

type ForwardRoute = Extract<CallRoute, { readonly kind: 'forward' }>;
type ReplyRoute = Extract<CallRoute, { readonly kind: 'reply' }>;

/** One call in the main thread: asks the router, tells the listener's thread, and calls `done` exactly once. */
export class RoutedCall implements IncomingCall {
  readonly path: string;
  readonly headers: CallHeaders;
  readonly peer: string;
  readonly connectionId: number;
  private readonly id: number;
  private readonly aborter = new AbortController();
  private readonly first = new Deferred<Uint8Array>();
  private firstAsked = false;
  private route: ForwardRoute | undefined;
  private outcome: CallOutcome | undefined;
  /** What the client is told, where the listener has given the call up. */
  private givenUp: CallStatus | undefined;
  private askedAgain = false;
  private unsent = 0;
  private wake: (() => void) | undefined;

  constructor(
    arrived: CallArrived,
    private readonly post: (message: MainMessage, transfer?: readonly ArrayBuffer[]) => void,
    private readonly onError: (error: Error) => void,
  ) {
    this.id = arrived.id;
    this.path = arrived.path;
    this.headers = arrived.headers;
    this.peer = arrived.peer;
    this.connectionId = arrived.connectionId;
    // A router that asked and did not wait must not end the process.
    this.first.promise.catch(() => {});
  }

  get signal(): AbortSignal {
    return this.aborter.signal;
  }

  firstMessage(): Promise<Uint8Array> {
    if (!this.firstAsked) this.post({ type: 'read-first-message', id: this.id });
    this.firstAsked = true;
    return this.first.promise;
  }

  async run(router: CallRouter): Promise<void> {
    try {
      const route = await router(this);
      if (route.kind === 'forward') this.forward(route);
      else await this.reply(route);
    } catch (error) {
      this.finish(this.statusOfThrown(error));
    }
  }

  /** The engine could not be reached: the lease on it ends, and there may be another. */
  onUnreached(): void {
    const again = this.route?.again;
    this.settle({ status: ENGINE_UNREACHABLE.code, requestBytes: 0, responseBytes: 0 });
    this.askedAgain = true;
    if (again) void this.run(again);
  }

  onFirstMessage(bytes: Uint8Array): void {
    this.first.resolve(bytes);
  }

  onNoFirstMessage(reason: string): void {
    this.first.reject(new DomainError('invalid_argument', reason));
  }

  onSent(bytes: number): void {
    this.unsent -= bytes;
    this.wake?.();
  }

  onGone(status?: CallStatus): void {
    this.givenUp = status;
    const reason = status ? errorOf(status) : new DomainError('cancelled', 'The client went away.');
    this.aborter.abort(reason);
    this.first.reject(reason);
    this.wake?.();
  }

  /** Nothing of the call is in flight any more; the router may still be at work. */
  onEnded(outcome: CallOutcome): void {
    if (this.outcome) return;
    this.outcome = outcome;
    this.wake?.();
    this.settle(outcome);
  }

  private forward(route: ForwardRoute): void {
    this.route = route;
    if (this.outcome) return this.settle(this.outcome);
    const { host, port, dropPrefix, target, reuseForMs = 0 } = route;
    const order: ForwardOrder = {
      host,
      port,
      setHeaders: lowerCased(route.setHeaders),
      dropHeaders: route.dropHeaders.map((name) => name.toLowerCase()),
      dropPrefix,
      responseHeaders: lowerCased(route.responseHeaders ?? {}),
      reuseForMs,
      target,
      again: route.again !== undefined && !this.askedAgain,
    };
    this.post({ type: 'forward', id: this.id, order });
  }

  private settle(outcome: CallOutcome): void {
    const route = this.route;
    this.route = undefined;
    try {
      route?.done(outcome);
    } catch (error) {
      this.onError(asError(error));
    }
  }

  private async reply(route: ReplyRoute): Promise<void> {
    let started = false;
    const start = () => {
      if (!started) this.post({ type: 'reply', id: this.id, headers: route.responseHeaders ?? {} });
      started = true;
    };
    for await (const message of route.messages) {
      start();
      await this.room();
      if (this.stopped) return;
      this.send(message);
    }
    start();
    this.finish(OK);
  }

  /** The client is gone, or it has been told an end. */
  private get stopped(): boolean {
    return this.outcome !== undefined || this.aborter.signal.aborted;
  }

  private async room(): Promise<void> {
    while (this.unsent > MAX_UNSENT && !this.stopped)
      await new Promise<void>((resolve) => (this.wake = resolve));
  }

  private send(message: Uint8Array): void {
    // A copy of its own: what the message is a view of stays here.
    const bytes = Uint8Array.from(message);
    this.unsent += bytes.length;
    this.post({ type: 'message', id: this.id, bytes }, [bytes.buffer]);
  }

  private finish(status: CallStatus): void {
    this.post({ type: 'finish', id: this.id, status });
  }

  private statusOfThrown(error: unknown): CallStatus {
    if (!(error instanceof DomainError)) this.onError(asError(error));
    const status = statusOf(toDomainError(error));
    return this.givenUp && this.givenUp.code !== status.code ? this.givenUp : status;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

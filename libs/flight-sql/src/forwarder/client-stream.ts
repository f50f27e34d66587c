import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { OK, statusTrailers, type CallStatus } from '../protocol/status.js';
import { DRAIN_TIMEOUT_MS, LINGER_MS } from './settings.js';
import { CANCELLED } from './status.js';

/** The client's side of a call: an answer that starts once, ends once, and whose trailers come after all its bytes. */
export class ClientStream {
  /** How the call ended for the client; undefined while it runs. CANCELLED where it went before it had the end. */
  status: number | undefined;
  /** The client went away before it had the end of its call. */
  left = false;
  private trailers: OutgoingHttpHeaders = {};
  private complete = false;
  private linger: NodeJS.Timeout | undefined;

  constructor(readonly stream: ServerHttp2Stream) {
    // A reset by the client is an error to Node; `close` follows and says all that matters.
    stream.on('error', () => {});
    stream.on('wantTrailers', () => this.sendTrailers());
    stream.on('close', () => this.onClose());
  }

  get open(): boolean {
    return !this.stream.closed && !this.stream.destroyed;
  }

  /** Sends the response headers. @throws what Node says of headers that can't be sent */
  start(headers: OutgoingHttpHeaders): void {
    if (this.open && this.status === undefined) this.stream.respond(headers, { waitForTrailers: true });
  }

  /** Ends the call with a status: in trailers, or in the headers where none were sent yet. */
  finish(status: CallStatus): void {
    this.end(status.code, { 'content-type': 'application/grpc' }, statusTrailers(status));
  }

  /** Ends the call with the trailers of an engine. */
  finishWith(status: number, trailers: OutgoingHttpHeaders): void {
    this.end(status, {}, trailers);
  }

  finishOk(): void {
    this.end(OK.code, {}, statusTrailers(OK));
  }

  private onClose(): void {
    clearTimeout(this.linger);
    this.left = this.status === undefined || (this.status === OK.code && !this.complete);
    if (this.left) this.status = CANCELLED.code;
  }

  private end(status: number, headers: OutgoingHttpHeaders, trailers: OutgoingHttpHeaders): void {
    if (this.status !== undefined) return;
    this.status = status;
    if (!this.open) return;
    // Room for what the client still sends, so that it can end its half; nobody reads it.
    this.stream.resume();
    if (this.stream.headersSent) {
      this.trailers = trailers;
      this.stream.end();
      this.closeAfter(DRAIN_TIMEOUT_MS, constants.NGHTTP2_CANCEL);
    } else {
      this.stream.respond({ ':status': 200, ...headers, ...trailers }, { endStream: true });
      this.complete = true;
      this.closeAfter(LINGER_MS, constants.NGHTTP2_NO_ERROR);
    }
  }

  private sendTrailers(): void {
    if (!this.open) return;
    this.stream.sendTrailers(this.trailers);
    this.complete = true;
    this.closeAfter(LINGER_MS, constants.NGHTTP2_NO_ERROR);
  }

  /**
   * A reset at once could overtake the trailers on a socket that is busy, and clients end their half by themselves:
   * the reset is for those that do not.
   */
  private closeAfter(ms: number, code: number): void {
    clearTimeout(this.linger);
    this.linger = setTimeout(() => this.stream.close(code), ms);
  }
}

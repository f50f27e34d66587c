import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { messageOf } from '@pondpilot/kernel';
import type { CallStatus } from '../protocol/status.js';
import type { ClientStream } from './client-stream.js';
import { firstOf, fromRaw, isGrpc, passOn, responseHeaders } from './headers.js';
import { Pump } from './pump.js';
import { LINGER_MS } from './settings.js';
import {
  ENGINE_STOPPED,
  ENGINE_UNREACHABLE,
  ENGINE_WITHOUT_STATUS,
  engineStopped,
  statusOfHttp,
  statusOfReset,
} from './status.js';
import type { CallHeaders } from './types.js';
import { resetRequest } from './upstreams.js';

export interface ForwardEvents {
  readonly closed: () => void;
  /** Something failed that the client can't be told of. */
  readonly error: (message: string) => void;
  /** Instead of the end: the engine could not be reached, and nothing was taken from the client. */
  readonly unreached?: () => void;
  /** The engine's connection is gone: why, where that is known. */
  readonly reasonOfStop: () => Promise<string | undefined>;
}

/** One call on its way between a client and an engine. */
export class Forward {
  private up: Pump | undefined;
  private down: Pump | undefined;
  private readonly session: ClientHttp2Session | undefined;
  private trailers: Record<string, string | string[]> = {};
  private askedWhy = false;
  /** The stream to the engine is closed and everything that came from it was handed over. */
  closed = false;

  constructor(
    private readonly client: ClientStream,
    private readonly engine: ClientHttp2Stream,
    taken: Buffer,
    private readonly addedHeaders: Readonly<Record<string, string>>,
    private readonly events: ForwardEvents,
  ) {
    this.session = engine.session as ClientHttp2Session | undefined;
    engine.on('error', () => {});
    // A stream on a connection that stands is ready before anyone can listen for it.
    if (engine.pending) engine.once('ready', () => this.begin(taken));
    else this.begin(taken);
    engine.on('response', (_, flags, raw: string[]) => this.onResponse(fromRaw(raw), flags));
    engine.on('trailers', (_, __, raw: string[]) => (this.trailers = passOn(fromRaw(raw))));
    engine.on('end', () => this.onEnd());
    engine.on('close', () => this.onClose());
  }

  get requestBytes(): number {
    return this.up?.bytes ?? 0;
  }

  get responseBytes(): number {
    return this.down?.bytes ?? 0;
  }

  /** Resets the engine's stream, which is how it learns to stop its statement. */
  cancel(): void {
    if (this.engine.destroyed) return;
    if (!this.engine.writableEnded) return resetRequest(this.engine);
    this.engine.close(constants.NGHTTP2_CANCEL);
    // The reset waits behind a socket that takes nothing, e.g. of a frozen engine; the call does not.
    const stuck = setTimeout(() => this.engine.destroy(), LINGER_MS);
    this.engine.once('close', () => clearTimeout(stuck));
  }

  /** Ends the call for both sides. */
  fail(status: CallStatus): void {
    this.up?.stop();
    this.client.finish(status);
    this.cancel();
  }

  /** Takes nothing from the client before the engine is reached: until then the call may go to another one. */
  private begin(taken: Buffer): void {
    this.up = new Pump(this.client.stream, this.engine, taken);
    this.down = new Pump(this.engine, this.client.stream);
    if (this.client.stream.readableEnded) this.endEngine();
    else this.client.stream.on('end', () => this.endEngine());
  }

  /** A reset ends the reading too, and must not look to the engine as if the client had sent everything. */
  private endEngine(): void {
    const { stream } = this.client;
    if (stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted && !stream.destroyed)
      this.engine.end();
  }

  private onResponse(headers: CallHeaders, flags: number): void {
    const status = Number(firstOf(headers[':status']));
    const contentType = firstOf(headers['content-type']);
    const alone = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (status !== 200 || !isGrpc(contentType)) {
      this.fail(statusOfHttp(status, contentType));
    } else if (alone) {
      this.trailers = { ...passOn(headers), ...this.addedHeaders };
    } else {
      this.start(headers);
    }
  }

  private start(headers: CallHeaders): void {
    try {
      this.client.start(responseHeaders(headers, this.addedHeaders));
    } catch (error) {
      this.events.error(`response headers could not be sent: ${messageOf(error)}`);
      this.fail({ code: 13, message: 'The response headers of this call could not be sent.' });
    }
  }

  private onEnd(): void {
    const status = firstOf(this.trailers['grpc-status']);
    if (status === undefined) return this.failByClose();
    this.up?.stop();
    this.client.finishWith(Number(status), this.trailers);
    // An engine may answer before it has read everything, and then needs no more of it.
    if (!this.engine.writableFinished) this.cancel();
  }

  private onClose(): void {
    if (this.client.status === undefined) {
      if (!this.up && this.events.unreached) return this.events.unreached();
      this.down?.salvage();
      this.failByClose();
    }
    this.closed = true;
    this.events.closed();
  }

  private failByClose(): void {
    const status = this.statusOfClose();
    if (status !== ENGINE_STOPPED) return this.fail(status);
    if (this.askedWhy) return;
    this.askedWhy = true;
    void this.failWithReason();
  }

  private async failWithReason(): Promise<void> {
    this.fail(engineStopped(await this.events.reasonOfStop()));
    if (this.closed) this.events.closed();
  }

  /** A lost connection closes its streams with the code of a cancel, so the connection is looked at first. */
  private statusOfClose(): CallStatus {
    if (!this.up) return ENGINE_UNREACHABLE;
    if (!this.session || this.session.destroyed) return ENGINE_STOPPED;
    if (this.engine.rstCode === constants.NGHTTP2_NO_ERROR) return ENGINE_WITHOUT_STATUS;
    return statusOfReset(this.engine.rstCode);
  }
}

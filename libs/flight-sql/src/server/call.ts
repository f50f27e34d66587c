import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { DomainError } from '@pondpilot/kernel';
import { MessageReader } from '../protocol/grpc-frame.js';
import { GRPC_RESPONSE_HEADERS, OK_TRAILERS, errorTrailers } from '../protocol/status.js';
import { parseGrpcTimeout } from '../protocol/grpc-timeout.js';

/** Bytes that may wait in a stream before its writer waits too. */
const UNSENT_LIMIT = 256 * 1024;

/** How messages are handed out. */
export interface MessageOptions {
  /** A message is valid until the next one is asked for: large ones of their own are a garbage collector's work. */
  lent: boolean;
}

/** One gRPC call as its server sees it. */
export class ServerCall {
  readonly path: string;
  private readonly abort = new AbortController();
  private reason: DomainError | undefined;
  private unsent = 0;
  private roomWaiter: (() => void) | undefined;
  private trailers: Record<string, string> = OK_TRAILERS;
  private readonly deadline: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
    private readonly maxMessageBytes: number,
  ) {
    this.path = headers[':path'] ?? '';
    stream.on('error', () => undefined);
    stream.on('wantTrailers', () => stream.sendTrailers(this.trailers));
    stream.on('close', () => this.closed());
    const timeout = parseGrpcTimeout(header(headers, 'grpc-timeout'));
    if (timeout !== undefined)
      this.deadline = setTimeout(
        () => this.stop(new DomainError('deadline_exceeded', 'The deadline of the call has passed.')),
        timeout,
      );
  }

  /** Aborts when the client cancels or vanishes, or when its deadline passes. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Why `signal` aborted. */
  get stopReason(): DomainError {
    return this.reason ?? new DomainError('cancelled', 'The client cancelled the call.');
  }

  /** Whether something was sent to the client. */
  get answered(): boolean {
    return this.stream.headersSent;
  }

  header(name: string): string | undefined {
    return header(this.headers, name);
  }

  /** Request messages as they come. Rejects as `MessageReader` throws. */
  async *messages(options?: MessageOptions): AsyncGenerator<Buffer> {
    const reader = new MessageReader(this.maxMessageBytes);
    // Leaving the loop early must not reset the stream: the answer is still to come.
    for await (const chunk of this.stream.iterator({ destroyOnReturn: false }))
      for (const message of reader.push(chunk as Buffer)) {
        const lent = options?.lent;
        yield message;
        if (lent) reader.reuse(message);
      }
    // A reset ends the reading as a proper end does: what came so far must not be taken for all.
    if (this.stream.rstCode !== constants.NGHTTP2_NO_ERROR || this.stream.aborted || this.stream.destroyed)
      throw this.stopReason;
    if (reader.incomplete) throw new DomainError('invalid_argument', 'The request ended within a message.');
  }

  /** What the client sends from now on is of no use. */
  dropRest(): void {
    this.stream.resume();
  }

  /** The first message of a request; what follows it is dropped. Rejects with `invalid_argument` where there is none. */
  message(): Promise<Buffer> {
    const reader = new MessageReader(this.maxMessageBytes);
    const { stream } = this;
    return new Promise((resolve, reject) => {
      const leave = () => {
        stream.off('data', take).off('end', none).off('close', none);
        this.dropRest();
      };
      const take = (chunk: Buffer) => {
        try {
          const [first] = reader.push(chunk);
          if (!first) return;
          resolve(first);
        } catch (error) {
          reject(error as Error);
        }
        leave();
      };
      const none = () => {
        leave();
        reject(new DomainError('invalid_argument', 'The request holds no message.'));
      };
      stream.on('data', take).once('end', none).once('close', none);
    });
  }

  /**
   * Sends bytes that are complete gRPC frames. Resolves when there is room for more; `sent` is called once when the
   * bytes are no longer needed, whatever became of them. Rejects where the client is gone.
   */
  async send(frame: Buffer, sent?: () => void): Promise<void> {
    if (this.stream.destroyed || this.stream.closed) {
      sent?.();
      throw this.stopReason;
    }
    this.respond();
    this.unsent += frame.byteLength;
    this.stream.write(frame, () => {
      this.unsent -= frame.byteLength;
      sent?.();
      if (this.unsent < UNSENT_LIMIT) this.wake();
    });
    while (this.unsent >= UNSENT_LIMIT && !this.stream.destroyed)
      await new Promise<void>((resolve) => (this.roomWaiter = resolve));
  }

  /** Ends the call with status OK. */
  finish(): void {
    if (this.stream.destroyed || this.stream.closed) return;
    this.respond();
    this.stream.end();
  }

  /** Ends the call with an error, after what was sent before. */
  fail(error: unknown): void {
    if (this.stream.destroyed || this.stream.closed) return;
    const trailers = errorTrailers(error);
    if (this.stream.headersSent) {
      this.trailers = trailers;
      this.stream.end();
    } else this.stream.respond({ ...GRPC_RESPONSE_HEADERS, ...trailers }, { endStream: true });
    // Whatever the client still sends is of no use: tell it to stop, without an error.
    if (!this.stream.readableEnded) this.stream.resume();
  }

  /** Cuts the call and drops what was not sent: its client does not read. */
  abandon(): void {
    this.stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  private respond(): void {
    if (!this.stream.headersSent)
      this.stream.respond({ ...GRPC_RESPONSE_HEADERS }, { waitForTrailers: true });
  }

  private stop(reason: DomainError): void {
    this.reason ??= reason;
    this.fail(this.reason);
    this.abort.abort(this.reason);
    this.wake();
  }

  private closed(): void {
    clearTimeout(this.deadline);
    if (this.stream.rstCode !== constants.NGHTTP2_NO_ERROR || !this.stream.writableFinished) {
      this.reason ??= new DomainError('cancelled', 'The client cancelled the call.');
      this.abort.abort(this.reason);
    }
    this.wake();
  }

  private wake(): void {
    this.roomWaiter?.();
    this.roomWaiter = undefined;
  }
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

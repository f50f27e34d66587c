import type { ServerHttp2Stream } from 'node:http2';
import { messageOf } from '@pondpilot/kernel';
import { ClientStream } from './client-stream.js';
import { FirstMessage } from './first-message.js';
import { Forward } from './forward.js';
import { formatGrpcTimeout, parseGrpcTimeout } from '../protocol/grpc-timeout.js';
import { firstOf, requestHeaders } from './headers.js';
import type { CallOrder, ForwardOrder, ThreadMessage } from './link.js';
import { Reply } from './reply.js';
import { OK, type CallStatus } from '../protocol/status.js';
import { ASK_AGAIN_MS, LAST_WORD_MS } from './settings.js';
import { CANCELLED, DEADLINE_PASSED } from './status.js';
import type { CallHeaders } from './types.js';
import type { Upstreams } from './upstreams.js';

/**
 * One call in the listener's thread, from its headers until nothing of it is in flight: asks the main thread what
 * shall become of it, does that, and tells the end exactly once.
 */
export class Call {
  private readonly client: ClientStream;
  private readonly first: FirstMessage;
  private readonly reply: Reply;
  private readonly deadline: number | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private forward: Forward | undefined;
  private lastWord: NodeJS.Timeout | undefined;
  private clientClosed = false;
  private ended = false;

  constructor(
    private readonly id: number,
    stream: ServerHttp2Stream,
    private readonly headers: CallHeaders,
    private readonly upstreams: Upstreams,
    private readonly post: (message: ThreadMessage) => void,
    private readonly reasonOfStop: (target: string) => Promise<string | undefined>,
  ) {
    this.client = new ClientStream(stream);
    this.first = new FirstMessage(stream);
    this.reply = new Reply(
      this.client,
      (bytes) => this.post({ type: 'sent', id, bytes }),
      (message) => this.post({ type: 'error', message }),
    );
    stream.on('close', () => this.onClientClosed());
    const timeout = parseGrpcTimeout(firstOf(headers['grpc-timeout']));
    if (timeout === undefined) return;
    this.deadline = performance.now() + timeout;
    this.timer = setTimeout(() => this.onDeadline(), timeout);
  }

  obey(order: CallOrder): void {
    // It has ended meanwhile, or its client has been told so.
    if (this.ended || this.client.status !== undefined) return;
    // It is over: only what its client is told of that is of use.
    if (this.lastWord && (order.type !== 'finish' || order.status.code === OK.code)) return;
    switch (order.type) {
      case 'forward':
        return this.forwardTo(order.order);
      case 'reply':
        return this.reply.start(order.headers);
      case 'message':
        return this.reply.message(order.bytes);
      case 'finish':
        return this.reply.finish(order.status);
      case 'read-first-message':
        return void this.readFirst();
    }
  }

  /** Ends the call from here, with a status for the client and a cancel for the engine. */
  fail(status: CallStatus): void {
    if (this.forward) return this.forward.fail(status);
    if (this.client.stream.headersSent) return this.client.finish(status);
    if (this.lastWord || this.client.status !== undefined) return;
    // The main thread still decides, and knows what the call has waited for.
    this.post({ type: 'gone', id: this.id, status });
    this.lastWord = setTimeout(() => this.client.finish(status), LAST_WORD_MS);
  }

  private forwardTo(order: ForwardOrder): void {
    try {
      const headers = requestHeaders(this.headers, order, this.remainingTime());
      const engine = this.upstreams.request(order.host, order.port, headers);
      this.forward = new Forward(this.client, engine, this.first.taken, order.responseHeaders, {
        closed: () => this.endIfIdle(),
        error: (message) => this.post({ type: 'error', message }),
        reasonOfStop: async () => order.target && this.reasonOfStop(order.target),
        ...(order.again ? { unreached: () => this.askAgain() } : {}),
      });
    } catch (error) {
      this.post({ type: 'error', message: `a call could not be forwarded: ${messageOf(error)}` });
      this.client.finish({ code: 13, message: 'This call could not be passed on to your engine.' });
    }
  }

  /** The call is as it was before it was routed. */
  private askAgain(): void {
    this.forward = undefined;
    setTimeout(() => {
      const over = this.ended || this.lastWord !== undefined || this.client.status !== undefined;
      if (!over) this.post({ type: 'unreached', id: this.id });
    }, ASK_AGAIN_MS);
  }

  private remainingTime(): string | undefined {
    return this.deadline === undefined ? undefined : formatGrpcTimeout(this.deadline - performance.now());
  }

  private async readFirst(): Promise<void> {
    try {
      const bytes = await this.first.read();
      this.post({ type: 'first-message', id: this.id, bytes });
    } catch (error) {
      this.post({ type: 'no-first-message', id: this.id, reason: messageOf(error) });
    }
  }

  private onDeadline(): void {
    if (this.client.status !== undefined) return;
    const decided = this.forward !== undefined || this.client.stream.headersSent;
    if (decided) this.post({ type: 'gone', id: this.id });
    this.fail(DEADLINE_PASSED);
  }

  private onClientClosed(): void {
    clearTimeout(this.timer);
    clearTimeout(this.lastWord);
    this.clientClosed = true;
    if (this.client.left) this.post({ type: 'gone', id: this.id });
    this.forward?.cancel();
    this.endIfIdle();
  }

  /**
   * A forwarded call is over once its engine is rid of it and its end is known: a client that reads the rest slowly, or
   * never, holds no engine.
   */
  private endIfIdle(): void {
    const engineDone = this.forward?.closed ?? true;
    const endKnown = this.clientClosed || (this.forward !== undefined && this.client.status !== undefined);
    if (this.ended || !engineDone || !endKnown) return;
    this.ended = true;
    this.post({
      type: 'ended',
      id: this.id,
      outcome: {
        status: this.client.status ?? CANCELLED.code,
        requestBytes: this.forward?.requestBytes ?? 0,
        responseBytes: this.forward?.responseBytes ?? this.reply.responseBytes,
      },
    });
  }
}

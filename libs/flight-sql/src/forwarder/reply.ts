import { messageOf } from '@pondpilot/kernel';
import type { CallStatus } from '../protocol/status.js';
import type { ClientStream } from './client-stream.js';
import { frame } from './first-message.js';
import { responseHeaders } from './headers.js';

/** A call that is answered here: messages come from the main thread one by one and leave framed. */
export class Reply {
  responseBytes = 0;

  constructor(
    private readonly client: ClientStream,
    private readonly sent: (bytes: number) => void,
    private readonly error: (message: string) => void,
  ) {}

  start(headers: Readonly<Record<string, string>>): void {
    try {
      this.client.start(responseHeaders({ 'content-type': 'application/grpc' }, headers));
    } catch (error) {
      this.error(`response headers could not be sent: ${messageOf(error)}`);
      this.client.finish({ code: 13, message: 'The response headers of this call could not be sent.' });
    }
  }

  message(bytes: Uint8Array): void {
    if (!this.client.open || this.client.status !== undefined) return;
    const framed = frame(bytes);
    this.responseBytes += framed.length;
    this.client.stream.write(framed, () => this.sent(bytes.length));
  }

  finish(status: CallStatus): void {
    if (status.code === 0) this.client.finishOk();
    else this.client.finish(status);
  }
}

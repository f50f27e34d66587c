import { describe } from '@jest/globals';
import { Conversation } from './conversation.js';
import { prepared } from './prepared.js';

/** For tests that need the Go client: skipped where there is none. */
export const describeWithGo = prepared.goClient ? describe : describe.skip;

/** The program of test/clients/go, which runs what it is asked with Go's clients. */
export class GoClient {
  private readonly conversation = new Conversation(prepared.goClient!, []);

  /** Rejects with a ClientError whose name is that of the gRPC status, such as InvalidArgument. */
  async do<T = unknown>(op: string, values: object = {}): Promise<T> {
    return (await this.conversation.ask(JSON.stringify({ op, ...values }))) as T;
  }

  end(): Promise<void> {
    return this.conversation.end();
  }
}

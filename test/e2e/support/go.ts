import { describe } from '@jest/globals';
import { Conversation } from './conversation.js';
import { prepared } from './prepared.js';
import type { Product } from './product.js';
import { tls } from './tls.js';

/** For tests that need the Go client: skipped where there is none. */
export const describeWithGo = prepared.goClient ? describe : describe.skip;

const certificates = { ca: tls?.ca, cert: tls?.client?.cert, key: tls?.client?.key };

/** What flightsql.Client is opened by, besides who the user is. */
export const goAddress = ({ host, grpcPort }: Product) => ({
  address: `${host}:${grpcPort}`,
  ...certificates,
});

/** What database/sql is opened by. A DSN names its certificates, which the program registers under that name. */
export function goDsn({ host, grpcPort }: Product, credentials: string, parameters: string) {
  const name = 'certificates';
  const encryption = tls ? `&tls=${name}` : '';
  const dsn = `flightsql://${credentials}${host}:${grpcPort}?timeout=30s${parameters}${encryption}`;
  return { dsn, name, ...certificates };
}

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

import { describe } from '@jest/globals';
import { join, resolve } from 'node:path';
import { Conversation } from './conversation.js';
import { prepared } from './prepared.js';
import type { Product } from './product.js';
import { tls } from './tls.js';

/** For tests that need the JDBC driver: skipped where there is none. */
export const describeWithJdbc = prepared.jdbcDriver ? describe : describe.skip;

/** A result as the driver gives it: values by `getObject(…).toString()`. */
export interface JdbcResult {
  readonly columns: string[];
  readonly types: string[];
  readonly rows: (string | null)[][];
}

/** The URL of a product, with these parameters besides those for TLS. */
export function jdbcUrl({ host, grpcPort, folder }: Product, parameters: string): string {
  return `jdbc:arrow-flight-sql://${host}:${grpcPort}?${encryption(folder)}&${parameters}`;
}

/** The driver wants certificates as files, which are in the product's folder. */
function encryption(folder: string): string {
  if (!tls) return 'useEncryption=false';
  const file = (name: string) => join(folder, name);
  const trusting = `useEncryption=true&useSystemTrustStore=false&tlsRootCerts=${file('ca.crt')}`;
  const showing = `&clientCertificate=${file('client.crt')}&clientKey=${file('client.key')}`;
  return trusting + (tls.client ? showing : '');
}

/** One JVM with the Arrow JDBC driver. The first argument of an operation, after "open", is a connection's name. */
export class Jdbc {
  private readonly conversation = new Conversation('java', [
    '--add-opens=java.base/java.nio=ALL-UNNAMED',
    '-cp',
    prepared.jdbcDriver!,
    resolve('test/clients/Jdbc.java'),
  ]);

  /** Rejects with a ClientError that has the exception's class as name, and all its causes in the message. */
  async do<T = unknown>(operation: string, ...args: (string | number | null)[]): Promise<T> {
    const fields = args.map((each) => (each === null ? '~' : encodeURIComponent(each)));
    return (await this.conversation.ask([operation, ...fields].join('\t'))) as T;
  }

  /** The rows that a method of DatabaseMetaData answers, as objects. */
  async metadata(connection: string, method: string, ...args: (string | null)[]) {
    const { columns, rows } = await this.do<JdbcResult>('metadata', connection, method, ...args);
    return rows.map((row) => Object.fromEntries(row.map((value, i) => [columns[i]!, value])));
  }

  end(): Promise<void> {
    return this.conversation.end();
  }
}

import { describe } from '@jest/globals';
import { resolve } from 'node:path';
import { Conversation } from './conversation.js';
import { prepared } from './prepared.js';

/** For tests that need the JDBC driver: skipped where there is none. */
export const describeWithJdbc = prepared.jdbcDriver ? describe : describe.skip;

/** A result as the driver gives it: values by `getObject(…).toString()`. */
export interface JdbcResult {
  readonly columns: string[];
  readonly types: string[];
  readonly rows: (string | null)[][];
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

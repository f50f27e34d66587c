import { DomainError } from '@pondpilot/kernel';
import type { Connection } from './connection.js';
import type { Result } from './result.js';
import type { PreparedStatement } from './worker/protocol.js';

export interface StatementOptions {
  /** Interrupts the statement. */
  readonly signal?: AbortSignal;
  /** Only on the main connection, where the transaction is. Rejects with `failed_precondition` where that is busy. */
  readonly onMain?: boolean;
}

/** Spare connections that a session keeps for later. */
const KEPT_SPARES = 2;

/**
 * What a client sees as one session: temporary tables, transactions and `USE` live on its main connection. Statements
 * that run while that one is busy get a spare connection of their own.
 */
export class Session {
  private readonly spares: Connection[] = [];
  private closed = false;

  constructor(
    private readonly main: Connection,
    private readonly connect: () => Promise<Connection>,
  ) {}

  /** Names and types of a statement's result, without running it. Rejects with DuckDbError. */
  async describe(sql: string, options: StatementOptions = {}): Promise<PreparedStatement> {
    const connection = await this.take(options);
    try {
      return await connection.prepare(sql, options.signal);
    } finally {
      this.give(connection);
    }
  }

  /** Executes a statement. The result must be closed. Rejects with DuckDbError. */
  async execute(sql: string, options: StatementOptions = {}): Promise<Result> {
    const connection = await this.take(options);
    try {
      return await connection.execute(sql, () => this.give(connection), options.signal);
    } catch (error) {
      this.give(connection);
      throw error;
    }
  }

  /** Closes the connections that are free now, and the others as they become free. */
  async close(): Promise<void> {
    this.closed = true;
    const free = this.spares.splice(0);
    if (!this.main.busy) free.push(this.main);
    await Promise.all(free.map((connection) => connection.close()));
  }

  private async take({ onMain = false }: StatementOptions): Promise<Connection> {
    if (onMain && this.main.busy)
      throw new DomainError(
        'failed_precondition',
        'The session has a transaction and another statement, or a result that is still being read. Finish that first.',
      );
    const known = this.main.busy ? this.spares.pop() : this.main;
    if (known) known.busy = true;
    const connection = known ?? (await this.connect());
    connection.busy = true;
    return connection;
  }

  private give(connection: Connection): void {
    connection.busy = false;
    if (!this.closed && (connection === this.main || this.spares.length < KEPT_SPARES)) {
      if (connection !== this.main) this.spares.push(connection);
    } else void connection.close().catch(() => undefined);
  }
}

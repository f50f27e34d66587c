import { randomUUID } from 'node:crypto';
import type { Lane, Session } from '@pondpilot/duckdb';
import { DomainError, type Clock } from '@pondpilot/kernel';
import type { StatementKind } from './guard/statement-kind.js';

/** What a statement is there for. */
export type Purpose = 'describe' | 'query' | 'change';

export interface IdleLimit {
  readonly clock: Clock;
  readonly transactionIdleMs: number;
}

/** How long results that are still being read may hold the end of their transaction up. */
const READERS_MS = 1000;

/**
 * A transaction that a client began by its API. DuckDB's own begins with the first statement: many drivers begin the
 * next one right after each commit and then do nothing for hours.
 */
export class Transaction {
  readonly id = randomUUID();
  private begun: Promise<void> | undefined;
  private changed = false;
  private running = 0;
  private over: DomainError | undefined;
  private disarm = () => {};
  private readonly readers = new AbortController();

  /** @param connection the client connection that used it last */
  constructor(
    private readonly session: Session,
    readonly lane: Lane,
    public connection: string,
    private readonly limit: IdleLimit,
  ) {}

  /** Whether DuckDB has one open. */
  get open(): boolean {
    return this.begun !== undefined;
  }

  get busy(): boolean {
    return this.running > 0;
  }

  /** Aborts when the transaction ends while results of it are being read. */
  get signal(): AbortSignal {
    return this.readers.signal;
  }

  /** Before a statement, which then runs on the lane. Rejects where the transaction has been rolled back meanwhile. */
  async enter(purpose: Purpose, kind: StatementKind): Promise<void> {
    if (this.over) throw this.over;
    this.disarm();
    this.running++;
    if (purpose === 'describe') return;
    this.changed ||= purpose === 'change';
    // A BEGIN of the user's own does what is to be done here.
    this.begun ??= kind === 'begin' ? Promise.resolve() : this.run('BEGIN TRANSACTION');
    try {
      await this.begun;
    } catch (error) {
      this.begun = undefined;
      this.running--;
      throw error;
    }
  }

  /** After a statement, however it ended. */
  leave(purpose: Purpose, kind: StatementKind): void {
    this.running--;
    if (kind === 'end' && purpose !== 'describe') this.reset();
    if (this.running === 0 && this.open)
      this.disarm = this.limit.clock.after(this.limit.transactionIdleMs, () => void this.expire());
  }

  /** Commits or rolls back. A commit that fails leaves nothing open. Rejects with DuckDbError. */
  async end(commit: boolean): Promise<void> {
    this.disarm();
    if (this.over && commit) throw this.over;
    if (!this.open) return;
    const cutReaders = this.limit.clock.after(READERS_MS, () =>
      this.readers.abort(
        new DomainError('failed_precondition', 'The transaction ended while this result was being read.'),
      ),
    );
    try {
      await this.run(commit ? 'COMMIT' : 'ROLLBACK');
    } catch (error) {
      await this.run('ROLLBACK').catch(() => undefined);
      if (commit) throw error;
    } finally {
      cutReaders();
      this.reset();
    }
  }

  /** A transaction that its client forgot holds old data and keeps the engine in use. */
  private async expire(): Promise<void> {
    const lost = this.changed;
    await this.end(false).catch(() => undefined);
    // One that has only read goes on with the data of then.
    if (lost)
      this.over = new DomainError(
        'failed_precondition',
        `The transaction was rolled back: nothing happened in it for ${this.limit.transactionIdleMs} ms (limits.transaction_idle). Begin another one.`,
      );
  }

  private reset(): void {
    this.begun = undefined;
    this.changed = false;
  }

  private run(sql: string): Promise<void> {
    return this.session.run(sql, { placement: this.lane });
  }
}

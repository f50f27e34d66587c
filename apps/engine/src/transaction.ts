import { randomUUID } from 'node:crypto';
import type { Lane, Session } from '@pondpilot/duckdb';
import { DomainError, type Clock } from '@pondpilot/kernel';

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

  /** Before a statement, which then runs on the lane. Rejects where the transaction is over. */
  async enter(purpose: Purpose): Promise<void> {
    this.requireOpen();
    this.disarm();
    this.running++;
    if (purpose === 'describe') return;
    this.changed ||= purpose === 'change';
    this.begun ??= this.run('BEGIN TRANSACTION');
    try {
      await this.begun;
    } catch (error) {
      this.begun = undefined;
      this.running--;
      throw error;
    }
  }

  /** Throws where it is over: what still waits for its turn then would run outside of it. */
  requireOpen(): void {
    if (this.over) throw this.over;
  }

  /** After a statement. @param endedIt whether DuckDB's own transaction ended with it */
  leave(endedIt: boolean): void {
    this.running--;
    if (endedIt) this.reset();
    if (this.running === 0 && this.open)
      this.disarm = this.limit.clock.after(this.limit.transactionIdleMs, () => void this.expire());
  }

  /** Commits or rolls back. A commit that fails leaves nothing open. Rejects with DuckDbError. */
  async end(commit: boolean): Promise<void> {
    if (this.over && commit) throw this.over;
    this.over ??= new DomainError('not_found', 'The transaction has ended. Begin another one.');
    await this.finish(commit);
  }

  private async finish(commit: boolean): Promise<void> {
    this.disarm();
    if (!this.open) return;
    const cutReaders = this.limit.clock.after(READERS_MS, () =>
      this.readers.abort(
        new DomainError('failed_precondition', 'The transaction ended while this result was being read.'),
      ),
    );
    try {
      // Of a transaction that an error has aborted DuckDB takes a COMMIT, and rolls back.
      if (commit) await this.run('SELECT 1');
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
    // One that has only read goes on with the data of then.
    if (this.changed)
      this.over = new DomainError(
        'failed_precondition',
        `The transaction was rolled back: nothing happened in it for ${this.limit.transactionIdleMs} ms (limits.transaction_idle). Begin another one.`,
      );
    await this.finish(false).catch(() => undefined);
  }

  private reset(): void {
    this.begun = undefined;
    this.changed = false;
  }

  private run(sql: string): Promise<void> {
    return this.session.run(sql, { placement: this.lane });
  }
}

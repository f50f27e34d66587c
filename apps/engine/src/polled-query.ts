import type { Connection, Result } from '@pondpilot/duckdb';
import type { Clock } from '@pondpilot/kernel';
import { unlessAborted } from './unless-aborted.js';
import type { Execution, StatementRequest, Statements } from './statements.js';

/** Makes DuckDB keep count of how far a statement is, and print nothing of it. */
const COUNT_PROGRESS = [
  'SET enable_progress_bar_print = false',
  'SET enable_progress_bar = true',
  'SET progress_bar_time = 0',
];

/** A query that nobody asks about for so long ends. */
const FORGOTTEN_MS = 60_000;

/** The first rows of a query that has been polled, and the rest. */
export interface PolledResult {
  readonly result: Result;
  readonly execution: Execution;
}

/**
 * A query that runs while its client asks now and then how far it is. Its result waits on its connection until the
 * client redeems the ticket.
 */
export class PolledQuery {
  private readonly abort = new AbortController();
  private readonly started: Promise<void>;
  private readonly ended: Promise<void>;
  private connection: Connection | undefined;
  private ready: PolledResult | undefined;
  private error: unknown;
  private finish = () => {};
  private forget = () => {};

  constructor(
    statements: Statements,
    request: Omit<StatementRequest, 'signal'>,
    private readonly clock: Clock,
  ) {
    let start = () => {};
    this.started = new Promise((resolve) => (start = resolve));
    const hold = async (result: Result, execution: Execution) => {
      const { signal } = execution.options;
      signal.throwIfAborted();
      this.ready = { result, execution };
      start();
      await unlessAborted(new Promise<void>((resolve) => (this.finish = resolve)), signal);
    };
    this.ended = statements
      .query({ ...request, signal: this.abort.signal }, hold, (connection) => this.watch(connection))
      .catch((error: unknown) => {
        this.error = error;
      })
      .finally(() => start());
    this.expect();
  }

  /** 0 to 1; undefined where DuckDB does not know. */
  get progress(): number | undefined {
    return this.connection?.progress;
  }

  /** Waits for the first rows, or so long. Resolves with whether they are there. Rejects where the query failed. */
  async wait(ms: number): Promise<boolean> {
    this.expect();
    let cancel = () => {};
    const late = new Promise<boolean>((resolve) => (cancel = this.clock.after(ms, () => resolve(false))));
    const there = await Promise.race([this.started.then(() => true), late]);
    cancel();
    if (this.error !== undefined) throw this.error as Error;
    return there;
  }

  /** The result, once; whoever takes it calls `release`. Undefined where it was taken or nobody came for too long. */
  take(): PolledResult | undefined {
    const { ready } = this;
    this.ready = undefined;
    this.forget();
    return ready;
  }

  /** Ends the query. */
  async release(): Promise<void> {
    this.forget();
    this.ready = undefined;
    this.abort.abort();
    this.finish();
    await this.ended;
  }

  /** Somebody asks: the time until it is forgotten begins again. */
  private expect(): void {
    this.forget();
    this.forget = this.clock.after(FORGOTTEN_MS, () => void this.release());
  }

  private async watch(connection: Connection): Promise<void> {
    for (const statement of COUNT_PROGRESS) await connection.run(statement);
    this.connection = connection;
  }
}

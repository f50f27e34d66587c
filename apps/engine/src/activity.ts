import { createHash, randomUUID } from 'node:crypto';
import { DomainError, type Clock } from '@pondpilot/kernel';

/** A statement that runs or whose result is being read. */
export interface RunningStatement {
  readonly id: string;
  readonly startedAt: number;
  rows: number;
  bytes: number;
}

/** What others may know of a statement: not its text. */
export type StatementFacts = RunningStatement & { readonly sqlSha256: string };

interface Entry {
  readonly sql: string;
  readonly statement: RunningStatement;
  readonly abort: AbortController;
  readonly ticket: string | undefined;
}

/** What statements may take together and each, and what happens where one can't be stopped. */
export interface ActivityLimits {
  readonly statementTimeMs: number;
  readonly concurrentStatements: number;
  /** Told of a statement that goes on long after its time: DuckDB does not listen. */
  readonly onStuck: () => void;
}

/** How long a statement may take to stop once it was told to. */
const STOP_MS = 5000;

const CANCELLED = new DomainError('cancelled', 'The statement was cancelled.');

/** What the engine does now. */
export class Activity {
  private readonly running = new Map<string, Entry>();
  private draining = false;
  private broken = false;
  private idleWaiters: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly limits: ActivityLimits,
  ) {}

  get state(): 'serving' | 'draining' | 'broken' {
    if (this.broken) return 'broken';
    return this.draining ? 'draining' : 'serving';
  }

  statements(): StatementFacts[] {
    return [...this.running.values()].map(({ statement, sql }) => ({
      ...statement,
      sqlSha256: createHash('sha256').update(sql).digest('hex'),
    }));
  }

  /**
   * Runs `work` as a statement. Its signal aborts with the call's signal, by `interrupt` and by `interruptTicket`.
   * Rejects with `unavailable` while draining or broken, `resource_exhausted` where too many run, `deadline_exceeded`
   * where it takes too long, and with `cancelled` where an interrupt ended it.
   */
  async track<T>(
    sql: string,
    callSignal: AbortSignal,
    ticket: Uint8Array | undefined,
    work: (signal: AbortSignal, statement: RunningStatement) => Promise<T>,
  ): Promise<T> {
    if (this.state !== 'serving')
      throw new DomainError(
        'unavailable',
        'Your engine is about to stop. Run the statement again: a new one starts.',
      );
    const { concurrentStatements } = this.limits;
    if (this.running.size >= concurrentStatements)
      throw new DomainError(
        'resource_exhausted',
        `You have ${concurrentStatements} statements running, which is all that may at once (limits.concurrent_statements). Wait for one, or read its result to the end.`,
      );
    const abort = new AbortController();
    const statement: RunningStatement = {
      id: randomUUID(),
      startedAt: this.clock.now(),
      rows: 0,
      bytes: 0,
    };
    this.running.set(statement.id, {
      sql,
      statement,
      abort,
      ticket: ticket && Buffer.from(ticket).toString('hex'),
    });
    const follow = () => abort.abort(callSignal.reason);
    if (callSignal.aborted) follow();
    callSignal.addEventListener('abort', follow, { once: true });
    const unlimit = this.limitTime(abort);
    try {
      return await work(abort.signal, statement);
    } catch (error) {
      throw abort.signal.aborted ? interrupted(abort.signal.reason) : error;
    } finally {
      unlimit();
      callSignal.removeEventListener('abort', follow);
      this.running.delete(statement.id);
      if (this.running.size === 0) for (const wake of this.idleWaiters.splice(0)) wake();
    }
  }

  /** Interrupts one statement, or all where no id is given; returns how many. Their clients are told the reason. */
  interrupt(id: string, reason = CANCELLED): number {
    return this.interruptWhere(({ statement }) => id === '' || statement.id === id, reason);
  }

  interruptTicket(ticket: Uint8Array): number {
    const key = Buffer.from(ticket).toString('hex');
    return this.interruptWhere((entry) => entry.ticket === key, CANCELLED);
  }

  /** No statement starts any more. Resolves with how many still run when the time is over. */
  async drain(timeoutMs: number): Promise<number> {
    this.draining = true;
    if (this.running.size === 0) return 0;
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(timeoutMs, resolve);
      this.idleWaiters.push(() => {
        cancel();
        resolve();
      });
    });
    return this.running.size;
  }

  breakDown(): void {
    this.broken = true;
  }

  /** Interrupts a statement when its time is over; answers what to call when it has ended. */
  private limitTime(abort: AbortController): () => void {
    const { statementTimeMs, onStuck } = this.limits;
    let cancel = this.clock.after(statementTimeMs, () => {
      abort.abort(
        new DomainError(
          'deadline_exceeded',
          `The statement took longer than ${statementTimeMs} ms (limits.statement_time).`,
        ),
      );
      cancel = this.clock.after(STOP_MS, onStuck);
    });
    return () => cancel();
  }

  private interruptWhere(matches: (entry: Entry) => boolean, reason: DomainError): number {
    const entries = [...this.running.values()].filter(matches);
    for (const { abort } of entries) abort.abort(reason);
    return entries.length;
  }
}

function interrupted(reason: unknown): DomainError {
  return reason instanceof DomainError
    ? reason
    : new DomainError('cancelled', 'The statement was cancelled.');
}

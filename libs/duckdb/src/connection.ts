import type { DuckDbApi, Pointer } from './native/api.js';
import { Result, type Interruptible } from './result.js';
import type { SlotPool } from './slots.js';
import type { DuckDbThreads } from './threads.js';
import type { PreparedStatement } from './worker/protocol.js';

/** How often an interrupt is repeated: one that comes just before a statement starts is lost. */
const INTERRUPT_EVERY_MS = 50;

/** What all connections of one database share. */
export interface DatabaseParts {
  readonly api: DuckDbApi;
  readonly threads: DuckDbThreads;
  readonly slots: SlotPool;
}

/** One DuckDB connection. One statement at a time: a second one would end the first one's result. */
export class Connection implements Interruptible {
  /** Prepared or executing now, or its result is still open. */
  busy = false;
  private lastPrepared: { readonly sql: string; readonly prepared: Pointer } | undefined;

  constructor(
    private readonly parts: DatabaseParts,
    private readonly pointer: Pointer,
  ) {}

  /**
   * Prepares a statement to learn about it; executing the same text next uses what was prepared.
   * Rejects with DuckDbError.
   */
  async prepare(sql: string, signal?: AbortSignal): Promise<PreparedStatement> {
    const replaces = this.takePrepared();
    const call = this.parts.threads.pick().call('prepare', { connection: this.pointer, sql, replaces });
    const prepared = await this.interruptible(call, signal);
    this.lastPrepared = { sql, prepared: prepared.prepared };
    return prepared;
  }

  /**
   * Executes; `onClose` is called when the result has been closed and the connection is free again.
   * Rejects with DuckDbError.
   */
  async execute(sql: string, onClose: () => void, signal?: AbortSignal): Promise<Result> {
    const { threads, slots } = this.parts;
    const thread = threads.pick();
    const slot = slots.take();
    const memory = { pointer: slot.pointer, bytes: slot.bytes };
    const statement = this.lastPrepared?.sql === sql ? { prepared: this.takePrepared() } : { sql };
    try {
      const call = thread.call('open', { connection: this.pointer, statement, slot: memory });
      return new Result(await this.interruptible(call, signal), slot, thread, this, slots, onClose);
    } catch (error) {
      slots.give(slot);
      throw error;
    }
  }

  /** Runs one statement and drops its result. Rejects with DuckDbError. */
  async run(sql: string): Promise<void> {
    await this.parts.threads.pick().call('run', { connection: this.pointer, sql });
  }

  async close(): Promise<void> {
    const prepared = this.takePrepared();
    if (prepared !== 0) await this.parts.threads.pick().call('closePrepared', { prepared });
    await this.parts.threads.pick().call('disconnect', { connection: this.pointer });
  }

  interrupt(): void {
    this.parts.api.duckdb_interrupt(this.pointer);
  }

  interruptUntil(work: Promise<unknown>): () => void {
    this.interrupt();
    const timer = setInterval(() => this.interrupt(), INTERRUPT_EVERY_MS);
    const stop = () => clearInterval(timer);
    void work.then(stop, stop);
    return stop;
  }

  /** What was prepared last, now the caller's; 0 where there is nothing. */
  private takePrepared(): Pointer {
    const prepared = this.lastPrepared?.prepared ?? 0;
    this.lastPrepared = undefined;
    return prepared;
  }

  private interruptible<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (!signal) return work;
    const interrupt = () => void this.interruptUntil(work);
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true });
    const forget = () => signal.removeEventListener('abort', interrupt);
    void work.then(forget, forget);
    return work;
  }
}

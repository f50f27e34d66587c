import { ArrowInput } from './arrow-input.js';
import type { Compression } from './arrow/compress-body.js';
import type { DatabaseParts } from './database-parts.js';
import type { Pointer } from './native/api.js';
import type { ParameterRows } from './parameters/parameter-type.js';
import { Result, type Interruptible } from './result.js';
import type { Slot } from './slots.js';
import type { PreparedStatement, Statement } from './worker/protocol.js';

/** How often an interrupt is repeated: one that comes just before a statement starts is lost. */
const INTERRUPT_EVERY_MS = 50;

/** How one statement is executed. */
export interface ExecuteOptions {
  /** Interrupts the statement. */
  readonly signal?: AbortSignal | undefined;
  /** Values for its parameters; only the first row counts. */
  readonly parameters?: ParameterRows | undefined;
  /** Of the result's batches; those that it would not make smaller are sent as they are. */
  readonly compression?: Compression | undefined;
  /** False for clients that can't look values up in dictionaries: they get the ENUMs of queries as text. */
  readonly dictionaries?: boolean | undefined;
}

/** One DuckDB connection. One statement at a time: a second one would end the first one's result. */
export class Connection implements Interruptible {
  private lastPrepared:
    { readonly sql: string; readonly dictionaries: boolean; readonly prepared: Pointer } | undefined;

  constructor(
    private readonly parts: DatabaseParts,
    private readonly pointer: Pointer,
  ) {}

  /**
   * Prepares a statement to learn about it; executing the same text next uses what was prepared.
   * Rejects with DuckDbError.
   */
  async prepare(
    sql: string,
    { signal, dictionaries = true }: ExecuteOptions = {},
  ): Promise<PreparedStatement> {
    const request = () => ({
      connection: this.pointer,
      sql,
      dictionaries,
      replaces: this.takePrepared(),
    });
    const call = this.parts.threads.callLater('prepare', request, signal);
    const prepared = await this.interruptible(call, signal);
    this.lastPrepared = { sql, dictionaries, prepared: prepared.prepared };
    return prepared;
  }

  /**
   * Executes; `onClose` is called when the result has been closed and the connection is free again.
   * Rejects with DuckDbError.
   */
  async execute(
    sql: string,
    onClose: () => void,
    { signal, parameters, compression = 'none', dictionaries = true }: ExecuteOptions = {},
  ): Promise<Result> {
    const { threads, slots } = this.parts;
    let slot: Slot | undefined;
    const request = () => {
      slot = slots.take();
      const memory = { pointer: slot.pointer, bytes: slot.bytes };
      const statement = this.statement(sql, dictionaries);
      return { connection: this.pointer, statement, parameters, compression, slot: memory };
    };
    try {
      const call = threads.place('open', request, signal);
      const { thread, response } = await this.interruptible(call, signal);
      return new Result(response, slot!, thread, this, slots, onClose);
    } catch (error) {
      if (slot) slots.give(slot);
      throw error;
    }
  }

  /** Executes once for each row of parameters; resolves with how many rows that changed. Rejects with DuckDbError. */
  async executeRows(sql: string, parameters: ParameterRows, signal?: AbortSignal): Promise<number> {
    const request = () => ({ connection: this.pointer, statement: this.statement(sql), parameters });
    const call = this.parts.threads.callLater('executeRows', request, signal);
    return (await this.interruptible(call, signal)).rowsChanged;
  }

  /** Takes Arrow messages that statements on this connection read as rows. Rejects with DuckDbError. */
  openArrowInput(schema: Uint8Array): Promise<ArrowInput> {
    return ArrowInput.open(this.parts, this.pointer, this, schema);
  }

  /** Runs one statement and drops its result. Rejects with DuckDbError. */
  async run(sql: string): Promise<void> {
    await this.parts.threads.call('run', { connection: this.pointer, sql });
  }

  /** Whether executing this text needs no preparing. */
  isPrepared(sql: string): boolean {
    return this.lastPrepared?.sql === sql;
  }

  get hasPrepared(): boolean {
    return this.lastPrepared !== undefined;
  }

  /** How far the running statement is, 0 to 1; undefined where DuckDB does not know. */
  get progress(): number | undefined {
    const { percentage } = this.parts.api.duckdb_query_progress(this.pointer);
    return percentage < 0 ? undefined : Math.min(percentage / 100, 1);
  }

  async close(): Promise<void> {
    const prepared = this.takePrepared();
    if (prepared !== 0) await this.parts.threads.call('closePrepared', { prepared });
    await this.parts.threads.call('disconnect', { connection: this.pointer });
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

  private statement(sql: string, dictionaries?: boolean): Statement {
    const last = this.lastPrepared;
    if (last?.sql === sql && (dictionaries === undefined || dictionaries === last.dictionaries))
      return { prepared: this.takePrepared() };
    return { sql, dictionaries: dictionaries ?? true };
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

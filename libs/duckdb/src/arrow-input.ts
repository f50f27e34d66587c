import { randomBytes } from 'node:crypto';
import type { DatabaseParts } from './database-parts.js';
import { ArraySource } from './native/array-source.js';
import type { Pointer } from './native/api.js';
import { allocate, copyInto, free } from './native/memory.js';
import type { Interruptible } from './result.js';
import type { DuckDbThread } from './threads.js';
import type { Uploads } from './uploads.js';
import { MESSAGE_OVERHEAD_BYTES, type SlotMemory, type Written } from './worker/protocol.js';

/**
 * Arrow messages (IPC, as in FlightData) that statements on one connection read as rows: one statement many batches,
 * gathered until it is worth running. Calls run one after the other in the order in which they are made, and none while
 * another statement runs on the connection.
 */
export class ArrowInput {
  /** Bodies that may still be needed, oldest first, and what they and their messages hold. */
  private readonly bodies: SlotMemory[] = [];
  private heldBytes = 0;
  /** Messages of which nothing has been heard, oldest first. */
  private readonly unanswered: Promise<void>[] = [];
  private rowsChanged = 0;
  private failure: Error | undefined;
  private closed: Promise<void> | undefined;

  private constructor(
    private readonly thread: DuckDbThread,
    private readonly connection: Pointer,
    private readonly interruptible: Interruptible,
    private readonly source: ArraySource,
    private readonly share: ReturnType<Uploads['enter']>,
    private readonly scan: number,
    /** Names of the columns, in order. */
    readonly columns: readonly string[],
    /** What stands for the rows in a statement's FROM; quoted, and known to nobody else. */
    readonly view: string,
  ) {
    thread.openStream();
  }

  /**
   * `schema` is a flatbuffer `Message` with a Schema. Rejects with DuckDbError: `invalid_argument` for a malformed one,
   * `unimplemented` that names the column whose type can't be read.
   */
  static async open(
    parts: DatabaseParts,
    connection: Pointer,
    interruptible: Interruptible,
    schema: Uint8Array,
  ): Promise<ArrowInput> {
    const source = new ArraySource();
    const share = parts.uploads.enter();
    const { list, getNext } = source;
    try {
      const { thread, response } = await parts.threads.place('openArrow', () => ({
        database: parts.database,
        name: `arrow_${randomBytes(12).toString('hex')}`,
        schema: alone(schema),
        source: { list, getNext },
        batchBytes: share.bytes,
      }));
      const { scan, columns, view } = response;
      return new ArrowInput(thread, connection, interruptible, source, share, scan, columns, view);
    } catch (error) {
      source.free();
      share.leave();
      throw error;
    }
  }

  /** Runs a statement that finds the view without rows; resolves with the rows it changed. Rejects with DuckDbError. */
  run(sql: string): Promise<number> {
    return this.thread.call('runArrow', { scan: this.scan, connection: this.connection, sql });
  }

  /**
   * Takes a RecordBatch for the statement, which runs once there is enough for it; the same one is to be given until
   * `flush`. A DictionaryBatch is kept for the batches behind it. Resolves when there is room for more. Both arrays may
   * be used again at once. Rejects with DuckDbError for this message or an earlier one: `invalid_argument` for a
   * malformed one, `resource_exhausted` for one that unfolds to too much, and as the statement fails.
   */
  async write(header: Uint8Array, body: Uint8Array, sql: string): Promise<void> {
    this.send(header, body, sql);
    // One statement's batches are inserted while the next one's are gathered.
    while (this.heldBytes >= 2 * this.share.bytes && this.unanswered.length > 0) await this.unanswered[0];
    this.throwFailure();
  }

  /** Runs the statement over what waits for it. Resolves with the rows that it changed since the last `flush`. */
  async flush(sql: string): Promise<number> {
    const { scan, connection } = this;
    try {
      const changed = await this.thread.call('flushArrow', { scan, connection, sql });
      this.rowsChanged += changed;
    } finally {
      this.release(this.bodies.length);
    }
    this.throwFailure();
    const rows = this.rowsChanged;
    this.rowsChanged = 0;
    return rows;
  }

  /** Interrupts what runs, and frees everything. May be called again. */
  close(): Promise<void> {
    this.closed ??= this.finish();
    return this.closed;
  }

  private send(header: Uint8Array, body: Uint8Array, sql: string): void {
    const memory = copied(body);
    const { scan, connection } = this;
    const request = { scan, connection, header: alone(header), memory, bodyBytes: body.byteLength, sql };
    this.bodies.push(memory);
    this.heldBytes += held(memory);
    const answered = this.answer(this.thread.call('writeArrow', request), memory);
    this.unanswered.push(answered);
    void answered.finally(() => this.unanswered.shift());
  }

  private async answer(call: Promise<Written>, memory: SlotMemory): Promise<void> {
    let done = true;
    try {
      const written = await call;
      this.rowsChanged += written.rowsChanged;
      done = written.done;
    } catch (error) {
      this.failure ??= error as Error;
    }
    if (done) this.release(this.bodies.indexOf(memory) + 1);
  }

  private throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }

  /** The memory of the oldest messages is free. */
  private release(count: number): void {
    for (const memory of this.bodies.splice(0, count)) {
      this.heldBytes -= held(memory);
      free(memory.pointer);
    }
  }

  private async finish(): Promise<void> {
    this.thread.closeStream();
    const closed = this.thread.call('closeArrow', { scan: this.scan });
    const stop = this.bodies.length > 0 ? this.interruptible.interruptUntil(closed) : () => {};
    await closed;
    stop();
    this.release(this.bodies.length);
    this.source.free();
    this.share.leave();
  }
}

/** Posting a view of a large buffer would copy all of that. */
function alone(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

/** Native memory with the body at its start, and some zeros behind it that DuckDB may look at. */
function copied(body: Uint8Array): SlotMemory {
  const bytes = body.byteLength + BODY_PADDING.byteLength;
  const pointer = allocate(bytes);
  copyInto(pointer, body, body.byteLength);
  copyInto(pointer + body.byteLength, BODY_PADDING, BODY_PADDING.byteLength);
  return { pointer, bytes };
}

function held({ bytes }: SlotMemory): number {
  return bytes + MESSAGE_OVERHEAD_BYTES;
}

/** DuckDB reads bitmaps in words. */
const BODY_PADDING = new Uint8Array(64);

import { randomBytes } from 'node:crypto';
import type { DatabaseParts } from './database-parts.js';
import type { Pointer } from './native/api.js';
import { allocate } from './native/memory.js';
import { viewed, type Slot } from './slots.js';
import type { DuckDbThread } from './threads.js';

/**
 * Arrow messages (IPC, as in FlightData) that statements on one connection read as rows. Calls run one after the other
 * in the order in which they are made, and none while another statement runs on the connection. Whoever makes the next
 * one before the last has ended has its body copied meanwhile: with two under way 2 million rows took 175 ms, not 230.
 */
export class ArrowInput {
  private closed: Promise<void> | undefined;

  private constructor(
    private readonly parts: DatabaseParts,
    private readonly thread: DuckDbThread,
    private readonly connection: Pointer,
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
  static async open(parts: DatabaseParts, connection: Pointer, schema: Uint8Array): Promise<ArrowInput> {
    const name = `arrow_${randomBytes(12).toString('hex')}`;
    const { thread, response } = await parts.threads.place('openArrow', {
      database: parts.database,
      name,
      schema: alone(schema),
    });
    const { scan, columns, view } = response;
    return new ArrowInput(parts, thread, connection, scan, columns, view);
  }

  /** Runs a statement that finds the view without rows; resolves with the rows it changed. Rejects with DuckDbError. */
  run(sql: string): Promise<number> {
    return this.thread.call('runArrow', { scan: this.scan, connection: this.connection, sql });
  }

  /**
   * Runs a statement over the rows of a RecordBatch; resolves with the rows it changed. A DictionaryBatch is kept for
   * the batches behind it, and changes none. Both arrays may be used again at once. Rejects with DuckDbError:
   * `invalid_argument` for a malformed message, `resource_exhausted` for one that unfolds to too much.
   */
  async write(header: Uint8Array, body: Uint8Array, sql: string): Promise<number> {
    const slot = this.fill(body);
    const { scan, connection } = this;
    try {
      const memory = { pointer: slot.pointer, bytes: slot.bytes };
      const request = { scan, connection, header: alone(header), memory, bodyBytes: body.byteLength, sql };
      return await this.thread.call('writeArrow', request);
    } finally {
      this.parts.slots.give(slot);
    }
  }

  /** Frees everything once the calls before have ended. May be called again. */
  close(): Promise<void> {
    this.closed ??= this.finish();
    return this.closed;
  }

  /** Native memory with the body at its start, and some bytes behind it that DuckDB may look at. */
  private fill(body: Uint8Array): Slot {
    const needed = body.byteLength + BODY_PADDING;
    const pooled = this.parts.slots.take();
    const slot = pooled.bytes >= needed ? pooled : this.larger(pooled, needed);
    slot.buffer.set(body);
    slot.buffer.fill(0, body.byteLength, needed);
    return slot;
  }

  private larger(pooled: Slot, bytes: number): Slot {
    this.parts.slots.give(pooled);
    return viewed({ pointer: allocate(bytes), bytes });
  }

  private async finish(): Promise<void> {
    this.thread.closeStream();
    await this.thread.call('closeArrow', { scan: this.scan });
  }
}

/** Posting a view of a large buffer would copy all of that. */
function alone(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

/** DuckDB reads bitmaps in words. */
const BODY_PADDING = 64;

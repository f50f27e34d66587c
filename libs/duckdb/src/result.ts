import type { Slot, SlotPool } from './slots.js';
import { viewed } from './slots.js';
import type { DuckDbThread } from './threads.js';
import type { EncodedMessage, OpenedResult } from './worker/protocol.js';

/** One Arrow message: a flatbuffer `Message` and its body, both in one buffer. */
export interface ArrowMessage {
  /** The bytes from `headerStart - 64` on, and the gap between header and body, may be written to. */
  readonly buffer: Buffer;
  readonly headerStart: number;
  readonly headerBytes: number;
  readonly bodyStart: number;
  readonly bodyBytes: number;
  /** 0 for a dictionary. */
  readonly rows: number;
  /** Must be called once the bytes have been sent or dropped; the buffer is used again after it. */
  release(): void;
}

/** What a result needs of the connection that it runs on. */
export interface Interruptible {
  interrupt(): void;
  /** Interrupts now and again until the promise settles or the returned function is called. */
  interruptUntil(work: Promise<unknown>): () => void;
}

/** A running statement and its result. */
export class Result {
  readonly schema: Uint8Array;
  readonly rowsChanged: number;
  private stream: number;
  private first: ArrowMessage | undefined;
  private ahead: Promise<ArrowMessage | undefined> | undefined;
  private closed: Promise<void> | undefined;
  private inUse = true;

  constructor(
    opened: OpenedResult,
    slot: Slot,
    private readonly thread: DuckDbThread,
    private readonly connection: Interruptible,
    private readonly slots: SlotPool,
    private readonly onClose: () => void,
  ) {
    this.schema = opened.schema;
    this.rowsChanged = opened.rowsChanged;
    this.stream = opened.stream;
    this.first = this.message(opened.first, slot);
    thread.openStream();
    if (this.stream === 0) this.ended();
  }

  /**
   * The next message, or undefined at the end. The one behind it is then already being made.
   * Rejects with DuckDbError, `cancelled` after `cancel`.
   */
  async next(): Promise<ArrowMessage | undefined> {
    const message = this.first ?? (await (this.ahead ?? this.fetch()));
    this.first = undefined;
    this.ahead = undefined;
    if (message && this.stream !== 0) {
      this.ahead = this.fetch();
      // Whoever asks for it gets the error; nobody may ask.
      this.ahead.catch(() => undefined);
    }
    return message;
  }

  /** Stops DuckDB at the next opportunity. */
  cancel(): void {
    // Once ended, the connection may be running somebody else's statement.
    if (this.inUse) this.connection.interrupt();
  }

  /** Frees everything. Calling it again, or at any time, is fine. */
  close(): Promise<void> {
    this.closed ??= this.finish();
    return this.closed;
  }

  private async fetch(): Promise<ArrowMessage | undefined> {
    if (this.stream === 0) return undefined;
    const slot = this.slots.take();
    try {
      const encoded = await this.thread.call('next', {
        stream: this.stream,
        slot: { pointer: slot.pointer, bytes: slot.bytes },
      });
      if (encoded) {
        if (encoded.last) this.ended();
        return this.message(encoded, slot);
      }
      this.slots.give(slot);
      this.ended();
      return undefined;
    } catch (error) {
      this.slots.give(slot);
      throw error;
    }
  }

  private message(encoded: EncodedMessage | undefined, slot: Slot): ArrowMessage | undefined {
    if (!encoded || encoded.memory) this.slots.give(slot);
    if (!encoded) return undefined;
    const used = encoded.memory ? viewed(encoded.memory) : slot;
    const { headerStart, headerBytes, bodyStart, bodyBytes, rows } = encoded;
    let released = false;
    const release = () => {
      if (!released) this.slots.give(used);
      released = true;
    };
    return { buffer: used.buffer, headerStart, headerBytes, bodyStart, bodyBytes, rows, release };
  }

  private async finish(): Promise<void> {
    this.first?.release();
    this.first = undefined;
    const ahead = this.ahead;
    this.ahead = undefined;
    if (ahead) {
      // What runs ahead may take long; nobody wants it any more.
      const stop = this.connection.interruptUntil(ahead);
      (await ahead.catch(() => undefined))?.release();
      stop();
    }
    const { stream } = this;
    if (!this.inUse) return;
    await this.thread.call('close', { stream }).catch(() => undefined);
    this.ended();
  }

  /** DuckDB has nothing more to give: the connection is free, whether or not the last messages have been read. */
  private ended(): void {
    if (!this.inUse) return;
    this.inUse = false;
    this.stream = 0;
    this.thread.closeStream();
    this.onClose();
  }
}

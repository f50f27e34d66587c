import { zstdDecompressSync } from 'node:zlib';
import { DomainError } from '@pondpilot/kernel';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import type { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { MetadataVersion } from 'apache-arrow/fb/metadata-version';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { type Arena, type Bytes, NO_BYTES, slice } from './arena.js';
import { malformed } from './failures.js';

/** More rows in one message would only be there to exhaust something. */
const MAX_ROWS = 2 ** 27;

export interface Node {
  readonly length: number;
  readonly mayHaveNulls: boolean;
}

export interface DictionaryHeader {
  readonly id: bigint;
  readonly isDelta: boolean;
  readonly batch: RecordBatch;
}

/** What kind of batch a message is. Throws `invalid_argument` for others. */
export function batchOf(message: Message): RecordBatch | DictionaryHeader {
  if (message.version() < MetadataVersion.V4) throw malformed('it is of a version before 4');
  if (message.headerType() === MessageHeader.RecordBatch) {
    const batch = message.header(new RecordBatch()) as RecordBatch | null;
    if (batch) return batch;
  }
  if (message.headerType() === MessageHeader.DictionaryBatch) {
    const dictionary = message.header(new DictionaryBatch()) as DictionaryBatch | null;
    const batch = dictionary?.data();
    if (dictionary && batch) return { id: dictionary.id(), isDelta: dictionary.isDelta(), batch };
  }
  throw malformed('it is neither a record batch nor a dictionary');
}

/** Hands out a batch's nodes and buffers in their order; all are within the body. */
export class BatchParts {
  readonly rows: number;
  private node = 0;
  private buffer = 0;
  private variadic = 0;
  private readonly compression: CompressionType | undefined;

  constructor(
    private readonly batch: RecordBatch,
    private readonly body: Bytes,
    private readonly arena: Arena,
    /** Unions had validities once. */
    readonly unionsHaveValidity: boolean,
  ) {
    this.rows = count(batch.length(), MAX_ROWS, 'rows');
    this.compression = batch.compression()?.codec();
    if (this.compression === CompressionType.LZ4_FRAME)
      throw new DomainError(
        'unimplemented',
        'Arrow messages compressed with LZ4 can not be read. Send them with ZSTD or uncompressed.',
      );
  }

  nextNode(): Node {
    const node = this.node < this.batch.nodesLength() ? this.batch.nodes(this.node++) : null;
    if (!node) throw malformed('it has too few nodes');
    return { length: count(node.length(), MAX_ROWS, 'values'), mayHaveNulls: node.nullCount() !== 0n };
  }

  nextBuffer(): Bytes {
    const buffer = this.buffer < this.batch.buffersLength() ? this.batch.buffers(this.buffer++) : null;
    if (!buffer) throw malformed('it has too few buffers');
    const size = this.body.u8.byteLength;
    const start = count(buffer.offset(), size, 'bytes before a buffer');
    const bytes = count(buffer.length(), size - start, 'bytes in a buffer');
    if (bytes === 0) return NO_BYTES;
    const raw = this.body.u8.subarray(start, start + bytes);
    if (this.compression !== undefined) return this.decompress(raw);
    return start % 8 === 0 ? slice(this.body, start, bytes) : this.arena.copy(raw);
  }

  /** How many data buffers the next column of views has. */
  nextVariadic(): number {
    const { batch } = this;
    const found =
      this.variadic < batch.variadicBufferCountsLength() ? batch.variadicBufferCounts(this.variadic++) : null;
    if (found === null) throw malformed('it does not say how many buffers its views have');
    return count(found, batch.buffersLength() - this.buffer, 'buffers of views');
  }

  private decompress(raw: Uint8Array): Bytes {
    if (raw.byteLength < 8) throw malformed('a compressed buffer is too short');
    const declared = new DataView(raw.buffer, raw.byteOffset, 8).getBigInt64(0, true);
    const data = raw.subarray(8);
    if (declared === -1n) return this.arena.copy(data);
    const bytes = count(declared, 2 ** 32, 'bytes in a compressed buffer');
    if (bytes === 0) return NO_BYTES;
    const target = this.arena.allocate(bytes);
    let unpacked: Buffer;
    try {
      unpacked = zstdDecompressSync(data, { maxOutputLength: bytes });
    } catch {
      throw malformed('a compressed buffer can not be decompressed');
    }
    if (unpacked.byteLength !== bytes) throw malformed('a compressed buffer has a wrong length');
    target.u8.set(unpacked);
    return target;
  }
}

function count(value: bigint, limit: number, what: string): number {
  if (value < 0n || value > BigInt(limit)) throw malformed(`${value} ${what} are not possible`);
  return Number(value);
}

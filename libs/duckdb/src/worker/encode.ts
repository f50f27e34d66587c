import * as flatbuffers from 'flatbuffers';
import { encodeBatchMessage } from '../arrow/batch-message.js';
import type { BatchLayout } from '../arrow/batch-layout.js';
import {
  compressBody,
  isWorthCompressing,
  writeCompressedBody,
  type Compression,
} from '../arrow/compress-body.js';
import { writeBody } from '../arrow/write-body.js';
import { allocate, free } from '../native/memory.js';
import type { EncodedMessage, SlotMemory } from './protocol.js';
import { targetMemory } from './target-memory.js';

/** Room in front of a message for what the transport adds. */
const HEADROOM = 64;
/** Memory for bodies before they are compressed that is kept for the next one. */
const KEPT_BYTES = 2 * 1024 * 1024;

const builder = new flatbuffers.Builder(4096);
let kept: SlotMemory | undefined;

/**
 * Writes a batch, or a dictionary batch where an id is given, as a message into the slot, or into larger memory of its
 * own. Throws as `writeBody` does.
 */
export function encode(
  layout: BatchLayout,
  dictionaryId: number | undefined,
  slot: SlotMemory,
  compression: Compression,
): EncodedMessage {
  if (compression === 'none' || !isWorthCompressing(layout))
    return write(layout, dictionaryId, slot, 'none', (memory, bodyStart) =>
      writeBody(layout, memory, bodyStart),
    );
  const plain = plainMemory(layout.bodyBytes);
  try {
    const memory = targetMemory(plain, plain === kept);
    writeBody(layout, memory, 0);
    const body = compressBody(layout, memory.u8);
    return write(body.layout, dictionaryId, slot, compression, ({ u8 }, bodyStart) =>
      writeCompressedBody(body, u8.subarray(bodyStart)),
    );
  } finally {
    if (plain !== kept) free(plain.pointer);
  }
}

function plainMemory(bytes: number): SlotMemory {
  if (bytes > KEPT_BYTES) return { pointer: allocate(bytes), bytes };
  kept ??= { pointer: allocate(KEPT_BYTES), bytes: KEPT_BYTES };
  return kept;
}

function write(
  layout: BatchLayout,
  dictionaryId: number | undefined,
  slot: SlotMemory,
  compression: Compression,
  writeTo: (memory: ReturnType<typeof targetMemory>, bodyStart: number) => void,
): EncodedMessage {
  const header = encodeBatchMessage(builder, layout, dictionaryId, compression);
  const headerStart = HEADROOM;
  const bodyStart = Math.ceil((headerStart + header.byteLength + HEADROOM) / 64) * 64;
  const bytes = bodyStart + layout.bodyBytes;
  const own = bytes > slot.bytes ? { pointer: allocate(bytes), bytes } : undefined;
  try {
    const memory = targetMemory(own ?? slot, own === undefined);
    memory.u8.set(header, headerStart);
    writeTo(memory, bodyStart);
  } catch (error) {
    if (own) free(own.pointer);
    throw error;
  }
  return {
    memory: own,
    headerStart,
    headerBytes: header.byteLength,
    bodyStart,
    bodyBytes: layout.bodyBytes,
    rows: layout.rows,
    last: false,
  };
}

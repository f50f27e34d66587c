import { constants, zstdCompressSync } from 'node:zlib';
import type { BatchLayout } from './batch-layout.js';

/** How the buffers of record batches are sent. */
export type Compression = 'none' | 'zstd';

/** Where compressing gains nothing: bodies and buffers of fewer bytes. */
const LEAST_BODY_BYTES = 8192;
const LEAST_BUFFER_BYTES = 512;
const ALIGNMENT = 64;
/** In front of a buffer: how many bytes it has when decompressed, as an int64; -1 where it is not compressed. */
const PREFIX_BYTES = 8;
const NOT_COMPRESSED = -1;
/** The fastest one: higher levels save some percent of the bytes for several times the time. */
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** A body whose buffers have been compressed, each by itself, as the IPC format has it. */
export interface CompressedBody {
  /** As the plain one, with the new places of its buffers. It has no steps. */
  readonly layout: BatchLayout;
  /** What is written where, counted from the start of the body; between them lie zeroes. */
  readonly parts: readonly { readonly to: number; readonly prefix: number; readonly bytes: Uint8Array }[];
}

export function isWorthCompressing({ bodyBytes }: BatchLayout): boolean {
  return bodyBytes >= LEAST_BODY_BYTES;
}

/** Compresses the buffers of a body that was written to the start of `plain`. */
export function compressBody(layout: BatchLayout, plain: Uint8Array): CompressedBody {
  const buffers: number[] = [];
  const parts: CompressedBody['parts'][number][] = [];
  let end = 0;
  for (let i = 0; i < layout.buffers.length; i += 2) {
    const start = layout.buffers[i] ?? 0;
    const length = layout.buffers[i + 1] ?? 0;
    const part = length === 0 ? undefined : compressed(plain.subarray(start, start + length));
    const size = part ? PREFIX_BYTES + part.bytes.byteLength : 0;
    if (part) parts.push({ to: end, ...part });
    buffers.push(end, size);
    end = Math.ceil((end + size) / ALIGNMENT) * ALIGNMENT;
  }
  return { layout: { ...layout, buffers, steps: [], bodyBytes: end }, parts };
}

/** Writes a compressed body to the start of `target`. */
export function writeCompressedBody({ layout, parts }: CompressedBody, target: Uint8Array): void {
  const view = new DataView(target.buffer, target.byteOffset, layout.bodyBytes);
  let end = 0;
  for (const { to, prefix, bytes } of parts) {
    target.fill(0, end, to);
    view.setBigInt64(to, BigInt(prefix), true);
    target.set(bytes, to + PREFIX_BYTES);
    end = to + PREFIX_BYTES + bytes.byteLength;
  }
  target.fill(0, end, layout.bodyBytes);
}

function compressed(buffer: Uint8Array): { readonly prefix: number; readonly bytes: Uint8Array } {
  if (buffer.byteLength >= LEAST_BUFFER_BYTES) {
    const bytes = zstdCompressSync(buffer, OPTIONS);
    if (bytes.byteLength < buffer.byteLength) return { prefix: buffer.byteLength, bytes };
  }
  return { prefix: NOT_COMPRESSED, bytes: buffer };
}

import { type Arena, type Bytes, int32s, uint32s } from './arena.js';
import { malformedColumn } from './failures.js';

const INLINE_BYTES = 12;

/** Views (16 bytes a value) of checked strings or blobs: they can be picked without copying what they point to. */
export function viewsOf(
  offsets: Bytes,
  data: Bytes,
  length: number,
  offsetBytes: 4 | 8,
  column: string,
  arena: Arena,
): Bytes {
  const from = uint32s(offsets);
  const step = offsetBytes / 4;
  if ((from[length * step] ?? 0) >= 2 ** 31)
    throw malformedColumn(column, 'has too much text in one message');
  const views = arena.allocate(length * 16);
  const to = int32s(views);
  for (let i = 0; i < length; i++) {
    const start = from[i * step] ?? 0;
    const bytes = (from[(i + 1) * step] ?? 0) - start;
    to[i * 4] = bytes;
    const shown = Math.min(bytes, bytes > INLINE_BYTES ? 4 : INLINE_BYTES);
    for (let k = 0; k < shown; k++) views.u8[i * 16 + 4 + k] = data.u8[start + k] ?? 0;
    if (bytes > INLINE_BYTES) to[i * 4 + 3] = start;
  }
  return views;
}

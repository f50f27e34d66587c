import { ARROW_ARRAY } from '../arrow/batch-layout.js';
import { HARMLESS_RELEASE } from '../native/release.js';
import { type Arena, type Bytes } from './arena.js';
import type { Column } from './column.js';
import { setWord } from './words.js';

/** Fills an ArrowArray (C data interface): a struct with these columns. What it points to lives in the arena. */
export function writeRecordBatch(
  target: Bytes,
  rows: number,
  columns: readonly Column[],
  arena: Arena,
): void {
  const batch: Column = {
    layout: { kind: 'struct' },
    length: rows,
    validity: undefined,
    buffers: [],
    children: columns,
  };
  writeArray(target, batch, arena);
}

function writeArray(target: Bytes, column: Column, arena: Arena): void {
  target.u8.fill(0);
  const buffers = nativeBuffers(column, arena);
  setWord(target, ARROW_ARRAY.length, column.length);
  if (column.validity) target.u8.fill(0xff, ARROW_ARRAY.nullCount, ARROW_ARRAY.nullCount + 8);
  setWord(target, ARROW_ARRAY.bufferCount, buffers.length);
  setWord(target, ARROW_ARRAY.buffers, pointers(buffers, arena));
  setWord(target, CHILD_COUNT, column.children.length);
  const children = column.children.map((child) => {
    const array = arena.allocate(ARROW_ARRAY.size);
    writeArray(array, child, arena);
    return array.pointer;
  });
  setWord(target, ARROW_ARRAY.children, pointers(children, arena));
  setWord(target, ARROW_ARRAY.release, HARMLESS_RELEASE);
}

const CHILD_COUNT = 32;

function nativeBuffers(column: Column, arena: Arena): number[] {
  const own = column.buffers.map((buffer) => buffer.pointer);
  const { kind } = column.layout;
  if (kind === 'null' || kind === 'union') return own;
  if (kind !== 'view') return [column.validity?.pointer ?? 0, ...own];
  // The C data interface adds the sizes of what the views point into.
  const sizes = arena.allocate(Math.max(own.length - 1, 1) * 8);
  column.buffers.slice(1).forEach(({ u8 }, i) => setWord(sizes, i * 8, u8.byteLength));
  return [column.validity?.pointer ?? 0, ...own, sizes.pointer];
}

function pointers(values: readonly number[], arena: Arena): number {
  if (values.length === 0) return 0;
  const list = arena.allocate(values.length * 8);
  values.forEach((value, i) => setWord(list, i * 8, value));
  return list.pointer;
}

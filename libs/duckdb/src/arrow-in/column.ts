import { type Bytes, NO_BYTES } from './arena.js';

/** How the values of a column lie in memory, of those ways that DuckDB is given. */
export type ColumnLayout =
  | { readonly kind: 'null' | 'bits' | 'view' | 'struct' | 'union' }
  | { readonly kind: 'fixed'; readonly width: number }
  | { readonly kind: 'binary' | 'list'; readonly offsetBytes: 4 | 8 }
  | { readonly kind: 'fixedList'; readonly size: number };

/** Checked values, ready for DuckDB. */
export interface Column {
  readonly layout: ColumnLayout;
  readonly length: number;
  /** Undefined where all values are there. */
  readonly validity: Bytes | undefined;
  /**
   * Behind the validity: bits and fixed: values; binary: offsets, bytes; list: offsets; view: views, then what they
   * point into; union: the index of each value's child, in a byte.
   */
  readonly buffers: readonly Bytes[];
  readonly children: readonly Column[];
}

export function isValid(column: Column, index: number): boolean {
  return column.validity === undefined || bit(column.validity.u8, index) === 1;
}

export function bit(bits: Uint8Array, index: number): number {
  return ((bits[index >> 3] ?? 0) >> (index & 7)) & 1;
}

export function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}

/** The buffer at an index of `buffers`. */
export function bufferOf(column: Column, index: number): Bytes {
  return column.buffers[index] ?? NO_BYTES;
}

export function childOf(column: Column, index: number): Column {
  const child = column.children[index];
  if (!child) throw new RangeError(`There is no child ${index}.`);
  return child;
}

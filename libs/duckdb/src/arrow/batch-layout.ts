import type { Pointer } from '../native/api.js';
import { Scratch } from '../native/memory.js';
import type { Field, ValueCheck } from './field.js';

/** Offsets and size of `struct ArrowArray` on 64-bit machines (Arrow C data interface). */
export const ARROW_ARRAY = {
  size: 80,
  length: 0,
  nullCount: 8,
  bufferCount: 24,
  buffers: 40,
  children: 48,
  dictionary: 56,
  release: 64,
} as const;

/** Rows `start` (included) to `end` (excluded) of an ArrowArray at `array`. */
export interface Piece {
  readonly array: Pointer;
  readonly start: number;
  readonly end: number;
}

/** A piece and what its ArrowArray says, read once. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly length: number;
  /** -1: not known. */
  readonly nullCount: number;
  readonly children: Pointer;
  readonly validity: Pointer;
  readonly second: Pointer;
  readonly third: Pointer;
}

/** One step of writing a body. `to` counts bytes from the start of the body. */
export type WriteStep =
  | { readonly kind: 'copy'; readonly to: number; readonly from: Pointer; readonly bytes: number }
  | { readonly kind: 'zero'; readonly to: number; readonly bytes: number }
  /** `count` int32 offsets, each raised by `add`. */
  | {
      readonly kind: 'offsets';
      readonly to: number;
      readonly from: Pointer;
      readonly count: number;
      readonly add: number;
    }
  /** `count` bits from bit `fromBit` at `from` to bit `toBit` of the buffer at `to`; all ones where `from` is null. */
  | {
      readonly kind: 'bits';
      readonly to: number;
      readonly toBit: number;
      readonly from: Pointer;
      readonly fromBit: number;
      readonly count: number;
    }
  /** `count` unsigned integers of 16 bytes, as integers of 32. */
  | { readonly kind: 'widen'; readonly to: number; readonly from: Pointer; readonly count: number }
  /** `count` values that were written from `to` on; their validity bitmap starts at `validity`, -1 where all are valid. */
  | {
      readonly kind: 'check';
      readonly to: number;
      readonly count: number;
      readonly validity: number;
      readonly check: ValueCheck;
    };

/** Where everything of one record batch goes in its body, and the steps that put it there. */
export interface BatchLayout {
  readonly rows: number;
  /** Length and null count of each field, depth first. */
  readonly nodes: readonly number[];
  /** Offset and length of each buffer, depth first. */
  readonly buffers: readonly number[];
  readonly steps: readonly WriteStep[];
  readonly bodyBytes: number;
}

/** Buffers start at multiples of 64 bytes, as the columnar format recommends. */
const ALIGNMENT = 64;

/**
 * Lays pieces of several ArrowArrays of one schema out as one record batch, so that every byte is copied once.
 * Nothing is written yet: the caller sees the size first.
 */
export class BatchLayoutBuilder {
  private nodes: number[] = [];
  private buffers: number[] = [];
  private steps: WriteStep[] = [];
  private end = 0;
  private readonly array = new Scratch(ARROW_ARRAY.size);
  private readonly words = new Scratch(3 * 8);

  constructor(private readonly popcount: (bits: Pointer, start: number, end: number) => number) {}

  /** Pieces of struct arrays whose children are the columns. */
  layOutColumns(columns: readonly Field[], pieces: readonly Piece[]): BatchLayout {
    return this.layOut(rowsOf(pieces), () => {
      const arrays = this.childArrays(
        pieces.map((piece) => this.read(piece)),
        columns.length,
      );
      columns.forEach((column, index) =>
        this.addField(
          column,
          pieces.map(({ start, end }, i) => ({ array: arrays[i]?.[index] ?? 0, start, end })),
        ),
      );
    });
  }

  /** Pieces of the values of one dictionary. */
  layOutValues(values: Field, pieces: readonly Piece[]): BatchLayout {
    return this.layOut(rowsOf(pieces), () => this.addField(values, pieces));
  }

  private layOut(rows: number, add: () => void): BatchLayout {
    this.nodes = [];
    this.buffers = [];
    this.steps = [];
    this.end = 0;
    add();
    return { rows, nodes: this.nodes, buffers: this.buffers, steps: this.steps, bodyBytes: this.end };
  }

  private addField(field: Field, pieces: readonly Piece[]): void {
    const rows = rowsOf(pieces);
    const { layout } = field;
    if (layout.kind === 'null') {
      this.nodes.push(rows, rows);
      return;
    }
    const parts = pieces.map((piece) => this.read(piece));
    if (layout.kind === 'sparseUnion') {
      this.nodes.push(rows, 0);
      // A union has no validity: its first buffer holds the type ids.
      this.addFixed(parts, 1, rows, 'validity');
      this.addChildren(field, parts, parts);
      return;
    }
    const validity = this.addValidity(parts, rows);
    switch (layout.kind) {
      case 'bits':
        return void this.addBits(parts, rows, 'second');
      case 'fixed': {
        const to = this.addFixed(parts, layout.width, rows, 'second');
        if (layout.check) this.steps.push({ kind: 'check', to, count: rows, validity, check: layout.check });
        return;
      }
      case 'uhugeint':
        return this.addWidened(parts, rows);
      case 'binary':
        return this.addBinary(parts, rows);
      case 'list':
        return this.addChildren(field, parts, this.addOffsets(parts, rows));
      case 'fixedList': {
        const { size } = layout;
        return this.addChildren(
          field,
          parts,
          parts.map(({ start, end }) => ({ start: start * size, end: end * size })),
        );
      }
      case 'struct':
        return this.addChildren(field, parts, parts);
    }
  }

  /** Answers where the bitmap starts, or -1 where there is none. */
  private addValidity(parts: readonly Part[], rows: number): number {
    let nulls = 0;
    for (const part of parts) nulls += this.countNulls(part);
    this.nodes.push(rows, nulls);
    if (nulls > 0) return this.addBits(parts, rows, 'validity');
    this.addBuffer(0);
    return -1;
  }

  private countNulls({ validity, nullCount, length, start, end }: Part): number {
    if (validity === 0 || nullCount === 0) return 0;
    if (nullCount > 0 && start === 0 && end === length) return nullCount;
    return end - start - this.popcount(validity, start, end);
  }

  private addBits(parts: readonly Part[], rows: number, buffer: 'validity' | 'second'): number {
    const to = this.addBuffer((rows + 7) >> 3);
    let toBit = 0;
    for (const part of parts) {
      const count = part.end - part.start;
      this.steps.push({ kind: 'bits', to, toBit, from: part[buffer], fromBit: part.start, count });
      toBit += count;
    }
    return to;
  }

  private addFixed(
    parts: readonly Part[],
    width: number,
    rows: number,
    buffer: 'validity' | 'second',
  ): number {
    const first = this.addBuffer(rows * width);
    let to = first;
    for (const part of parts) {
      const bytes = (part.end - part.start) * width;
      this.steps.push({ kind: 'copy', to, from: part[buffer] + part.start * width, bytes });
      to += bytes;
    }
    return first;
  }

  private addWidened(parts: readonly Part[], rows: number): void {
    let to = this.addBuffer(rows * 32);
    for (const part of parts) {
      const count = part.end - part.start;
      this.steps.push({ kind: 'widen', to, from: part.second + part.start * 16, count });
      to += count * 32;
    }
  }

  private addBinary(parts: readonly Part[], rows: number): void {
    const ranges = this.addOffsets(parts, rows);
    let to = this.addBuffer(ranges.reduce((sum, { start, end }) => sum + end - start, 0));
    parts.forEach((part, i) => {
      const { start, end } = ranges[i] ?? EMPTY;
      this.steps.push({ kind: 'copy', to, from: part.third + start, bytes: end - start });
      to += end - start;
    });
  }

  /** The offsets buffer; answers which range of values each part covers. */
  private addOffsets(parts: readonly Part[], rows: number): Range[] {
    let to = this.addBuffer((rows + 1) * 4);
    this.steps.push({ kind: 'zero', to, bytes: 4 });
    to += 4;
    let total = 0;
    return parts.map((part) => {
      const count = part.end - part.start;
      if (count === 0) return EMPTY;
      const offsets = part.second;
      const start = part.start === 0 ? 0 : this.int32(offsets + part.start * 4);
      const end = this.int32(offsets + part.end * 4);
      this.steps.push({
        kind: 'offsets',
        to,
        from: offsets + (part.start + 1) * 4,
        count,
        add: total - start,
      });
      to += count * 4;
      total += end - start;
      return { start, end };
    });
  }

  /** Children of a nested field, each with the given range of its values. */
  private addChildren(field: Field, parts: readonly Part[], ranges: readonly Range[]): void {
    const arrays = this.childArrays(parts, field.children.length);
    field.children.forEach((child, index) =>
      this.addField(
        child,
        ranges.map(({ start, end }, i) => ({ array: arrays[i]?.[index] ?? 0, start, end })),
      ),
    );
  }

  private addBuffer(bytes: number): number {
    const to = this.end;
    this.buffers.push(to, bytes);
    this.end = Math.ceil((to + bytes) / ALIGNMENT) * ALIGNMENT;
    // What pads a buffer is sent too, so it must not be whatever lay there.
    if (this.end > to + bytes)
      this.steps.push({ kind: 'zero', to: to + bytes, bytes: this.end - to - bytes });
    return to;
  }

  private read({ array, start, end }: Piece): Part {
    const words = this.array.load(array, ARROW_ARRAY.size);
    const buffers = words.word(ARROW_ARRAY.buffers);
    const count = Math.min(words.word(ARROW_ARRAY.bufferCount), 3);
    const length = words.word(ARROW_ARRAY.length);
    const nullCount = words.word(ARROW_ARRAY.nullCount);
    const children = words.word(ARROW_ARRAY.children);
    if (count > 0) this.words.load(buffers, count * 8);
    const [validity, second, third] = [0, 8, 16].map((at) => (at < count * 8 ? this.words.word(at) : 0)) as [
      Pointer,
      Pointer,
      Pointer,
    ];
    return { start, end, length, nullCount, children, validity, second, third };
  }

  private int32(at: Pointer): number {
    return this.words.load(at, 4).i32[0] ?? 0;
  }

  /** For each part the addresses of its array's first `count` children. */
  private childArrays(parts: readonly Part[], count: number): Pointer[][] {
    if (count === 0) return [];
    const words = Scratch.take(count * 8);
    const arrays = parts.map(({ children }) => {
      words.load(children, count * 8);
      return Array.from({ length: count }, (_, index) => words.word(index * 8));
    });
    words.free();
    return arrays;
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const EMPTY: Range = { start: 0, end: 0 };

function rowsOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
}

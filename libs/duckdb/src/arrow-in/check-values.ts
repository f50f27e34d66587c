import { isAscii, isUtf8 } from 'node:buffer';
import { type Bytes, int32s, uint32s } from './arena.js';
import { bit } from './column.js';
import { malformedColumn } from './failures.js';
import type { ValueCheck } from './input-field.js';

type IsValid = (index: number) => boolean;

export function validityOf(validity: Bytes | undefined): IsValid {
  return validity ? (index) => bit(validity.u8, index) === 1 : () => true;
}

/**
 * Offsets must not fall, and stay within what they point into; an offset's upper half is 0 then. Answers where the
 * first value starts and the last one ends.
 */
export function checkOffsets(
  offsets: Bytes,
  length: number,
  offsetBytes: 4 | 8,
  limit: number,
  column: string,
): readonly [start: number, end: number] {
  const words = uint32s(offsets);
  const step = offsetBytes / 4;
  const end = length * step;
  if (words.length < end + step) throw malformedColumn(column, 'has too few offsets');
  let before = words[0] ?? 0;
  let upper = 0;
  for (let at = 0; at <= end; at += step) {
    const offset = words[at] ?? 0;
    if (offset < before) throw malformedColumn(column, 'has falling offsets');
    before = offset;
    if (step === 2) upper |= words[at + 1] ?? 0;
  }
  if (before > limit || upper !== 0)
    throw malformedColumn(column, 'has offsets behind the end of its values');
  return [words[0] ?? 0, before];
}

/** Strings must be UTF-8, each for itself: DuckDB relies on it. */
export function checkText(
  offsets: Bytes,
  data: Bytes,
  length: number,
  offsetBytes: 4 | 8,
  validity: Bytes | undefined,
  column: string,
): void {
  const words = uint32s(offsets);
  const step = offsetBytes / 4;
  const { u8 } = data;
  const used = u8.subarray(words[0], words[length * step]);
  if (isAscii(used)) return;
  if (isUtf8(used) && !splitsCharacters(words, step, length, u8)) return;
  const isValid = validityOf(validity);
  for (let i = 0; i < length; i++) {
    if (isValid(i) && !isUtf8(u8.subarray(words[i * step], words[(i + 1) * step]))) throw notUtf8(column);
  }
}

function splitsCharacters(words: Uint32Array, step: number, length: number, data: Uint8Array): boolean {
  const end = words[length * step] ?? 0;
  for (let at = 0; at < length * step; at += step) {
    const start = words[at] ?? 0;
    if (start < end && ((data[start] ?? 0) & 0xc0) === 0x80) return true;
  }
  return false;
}

function notUtf8(column: string): Error {
  return malformedColumn(column, 'has text that is not UTF-8; send it as binary');
}

const INLINE_BYTES = 12;

/** Views of values must lie within their buffers, and those of text be UTF-8. */
export function checkViews(
  views: Bytes,
  data: readonly Bytes[],
  length: number,
  validity: Bytes | undefined,
  text: boolean,
  column: string,
): void {
  const words = int32s(views);
  const isValid = validityOf(validity);
  const ascii = data.map(({ u8 }) => !text || isAscii(u8));
  for (let i = 0; i < length; i++) {
    const at = i * 4;
    const bytes = words[at] ?? 0;
    if (!isValid(i)) continue;
    if (bytes >= 0 && bytes <= INLINE_BYTES) {
      const bits = (words[at + 1] ?? 0) | (words[at + 2] ?? 0) | (words[at + 3] ?? 0);
      if (text && (bits & 0x8080_8080) !== 0 && !isUtf8(views.u8.subarray(i * 16 + 4, i * 16 + 4 + bytes)))
        throw notUtf8(column);
      continue;
    }
    const buffer = words[at + 2] ?? 0;
    const start = words[at + 3] ?? 0;
    const target = data[buffer];
    if (bytes < 0 || start < 0 || !target || start + bytes > target.u8.byteLength)
      throw malformedColumn(column, 'has views of bytes that are not there');
    if (!ascii[buffer] && !isUtf8(target.u8.subarray(start, start + bytes))) throw notUtf8(column);
  }
}

/** Values that DuckDB would take without a look, though it can't represent them. */
export function checkValues(
  check: ValueCheck,
  values: Bytes,
  length: number,
  validity: Bytes | undefined,
  column: string,
): void {
  const bad = nextBad(check, values, length);
  const isValid = validityOf(validity);
  for (let i = bad(0); i < length; i = bad(i + 1)) {
    if (isValid(i)) throw malformedColumn(column, 'has a value outside the range of its type');
  }
}

type NextBad = (from: number) => number;

function nextBad(check: ValueCheck, values: Bytes, length: number): NextBad {
  if (check.kind === 'range') return firstOutside(check, values, length);
  return check.kind === 'decimal' ? firstTooLong(check, values, length) : firstOfMoreThan16(values, length);
}

/** Of numbers of 32 bytes, whose upper halves must be 0. */
function firstOfMoreThan16(values: Bytes, length: number): NextBad {
  const words = int32s(values);
  return (from) => {
    for (let i = from; i < length; i++) {
      for (let word = i * 8 + 4; word < i * 8 + 8; word++) if (words[word] !== 0) return i;
    }
    return length;
  };
}

function firstOutside(
  { bytes, min, max }: Extract<ValueCheck, { kind: 'range' }>,
  values: Bytes,
  length: number,
): NextBad {
  const words = int32s(values);
  const step = bytes / 4;
  return (from) => {
    for (let i = from; i < length; i++) {
      const value =
        step === 1 ? (words[i] ?? 0) : (words[i * 2 + 1] ?? 0) * 2 ** 32 + ((words[i * 2] ?? 0) >>> 0);
      if (value < min || value > max) return i;
    }
    return length;
  };
}

/** Rounding of doubles is far below this share of a number. */
const ROUNDING = 1e-9;

function firstTooLong(
  { precision, words: step }: Extract<ValueCheck, { kind: 'decimal' }>,
  values: Bytes,
  length: number,
): NextBad {
  const words = int32s(values);
  const limit = 10 ** precision;
  const surelyBelow = limit * (1 - ROUNDING);
  return (from) => {
    for (let i = from; i < length; i++) {
      let value = words[(i + 1) * step - 1] ?? 0;
      for (let word = step - 2; word >= 0; word--)
        value = value * 2 ** 32 + ((words[i * step + word] ?? 0) >>> 0);
      if (Math.abs(value) >= surelyBelow && exceeds(words.subarray(i * step, (i + 1) * step), precision))
        return i;
    }
    return length;
  };
}

function exceeds(words: Int32Array, precision: number): boolean {
  const value = words.reduceRight(
    (upper, word, index) =>
      index === words.length - 1 ? BigInt(word) : upper * 2n ** 32n + BigInt(word >>> 0),
    0n,
  );
  const limit = 10n ** BigInt(precision);
  return value >= limit || value <= -limit;
}

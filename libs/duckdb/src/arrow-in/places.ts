import { type Bytes, int32s, uint32s } from './arena.js';
import { validityOf } from './check-values.js';
import { malformedColumn } from './failures.js';
import type { InputDictionary } from './input-field.js';

const OUTSIDE = -2;

/** The places in the dictionary that indices point to; -1 for nulls. */
export function dictionaryPlaces(
  indices: Bytes,
  { indexBytes, signed }: InputDictionary,
  length: number,
  validity: Bytes | undefined,
  dictionaryLength: number,
  column: string,
): Int32Array {
  const at = reader(indices, indexBytes, signed);
  const isValid = validityOf(validity);
  const places = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const place = isValid(i) ? at(i) : -1;
    if (place >= dictionaryLength || (place < 0 && isValid(i)))
      throw malformedColumn(column, 'has indices that are not in its dictionary');
    places[i] = place;
  }
  return places;
}

/** Reads the index at a place; a negative or very large one is below 0. */
function reader({ pointer, u8 }: Bytes, bytes: number, signed: boolean): (index: number) => number {
  if (bytes === 1) {
    const values = signed ? new Int8Array(u8.buffer, u8.byteOffset, u8.byteLength) : u8;
    return (index) => values[index] ?? OUTSIDE;
  }
  if (bytes === 2) {
    const count = u8.byteLength >> 1;
    const values = signed
      ? new Int16Array(u8.buffer, u8.byteOffset, count)
      : new Uint16Array(u8.buffer, u8.byteOffset, count);
    return (index) => values[index] ?? OUTSIDE;
  }
  const values = int32s({ pointer, u8 });
  if (bytes === 4) return (index) => values[index] ?? OUTSIDE;
  return (index) => (values[index * 2 + 1] === 0 ? (values[index * 2] ?? OUTSIDE) : OUTSIDE);
}

/** The places of the runs that values belong to. */
export function runPlaces(
  ends: Bytes,
  endBytes: number,
  runs: number,
  length: number,
  column: string,
): Int32Array {
  const at = reader(ends, endBytes, true);
  const places = new Int32Array(length);
  let before = 0;
  for (let run = 0; run < runs; run++) {
    const end = at(run);
    if (end <= before) throw malformedColumn(column, 'has run ends that do not rise');
    if (before < length) places.fill(run, before, Math.min(end, length));
    before = end;
  }
  if (before < length) throw malformedColumn(column, 'has runs that end too early');
  return places;
}

/** Where the lists of a list view start and how long they are. Nulls are empty. */
export function listRanges(
  offsets: Bytes,
  sizes: Bytes,
  offsetBytes: 4 | 8,
  length: number,
  validity: Bytes | undefined,
  limit: number,
  column: string,
): { starts: Uint32Array; sizes: Uint32Array } {
  const step = offsetBytes / 4;
  const isValid = validityOf(validity);
  const from = uint32s(offsets);
  const counts = uint32s(sizes);
  const ranges = { starts: new Uint32Array(length), sizes: new Uint32Array(length) };
  for (let i = 0; i < length; i++) {
    if (!isValid(i)) continue;
    const start = from[i * step] ?? 0;
    const size = counts[i * step] ?? 0;
    const upper = step === 1 ? 0 : (from[i * 2 + 1] ?? 0) | (counts[i * 2 + 1] ?? 0);
    if (start + size > limit || upper !== 0)
      throw malformedColumn(column, 'has lists of values that are not there');
    ranges.starts[i] = start;
    ranges.sizes[i] = size;
  }
  return ranges;
}

import { beyondArrow } from '../arrow/check-values.js';
import type { DuckDbApi, Pointer } from '../native/api.js';
import { Scratch, viewMemory } from '../native/memory.js';
import { TypeId, holds, type LogicalType } from './logical-type.js';

const INTERVAL_IDS: ReadonlySet<number> = new Set([TypeId.INTERVAL]);
const INTERVAL_BYTES = 16;
/** Microseconds whose nanoseconds still fit 64 bits. */
const MAX_MICROS = (2n ** 63n - 1n) / 1000n;
const MAX_MICROS_HIGH = Number(MAX_MICROS >> 32n);
/** Values that are looked at at once. */
const BLOCK = 256;

/** A column of a chunk that has intervals in it. */
export interface IntervalColumn {
  readonly index: number;
  readonly name: string;
  readonly type: LogicalType;
}

export function intervalColumns(names: readonly string[], types: readonly LogicalType[]): IntervalColumn[] {
  return types.flatMap((type, index) =>
    holds(type, INTERVAL_IDS) ? [{ index, name: names[index] ?? '', type }] : [],
  );
}

/**
 * DuckDB counts the time of an interval in microseconds and its converter multiplies by 1000 without a look. Throws
 * `invalid_argument` where that would wrap around.
 */
export function checkIntervals(api: DuckDbApi, chunk: Pointer, columns: readonly IntervalColumn[]): void {
  const rows = api.duckdb_data_chunk_get_size(chunk);
  for (const { index, name, type } of columns) {
    if (!fits(api, api.duckdb_data_chunk_get_vector(chunk, index), type, rows))
      throw beyondArrow(name, "holds an INTERVAL whose time is beyond the 292 years of Arrow's");
  }
}

function fits(api: DuckDbApi, vector: Pointer, type: LogicalType, count: number): boolean {
  if (!holds(type, INTERVAL_IDS)) return true;
  const [first, second] = type.children;
  switch (type.id) {
    case TypeId.INTERVAL:
      return intervalsFit(api, vector, count);
    case TypeId.LIST:
      return fits(
        api,
        api.duckdb_list_vector_get_child(vector),
        first!,
        api.duckdb_list_vector_get_size(vector),
      );
    case TypeId.ARRAY:
      return fits(api, api.duckdb_array_vector_get_child(vector), first!, count * type.size);
    case TypeId.MAP: {
      const entries = api.duckdb_list_vector_get_child(vector);
      const size = api.duckdb_list_vector_get_size(vector);
      return [first!, second!].every((part, index) =>
        fits(api, api.duckdb_struct_vector_get_child(entries, index), part, size),
      );
    }
    default: {
      // The first child of a union's vector are the tags.
      const offset = type.id === TypeId.UNION ? 1 : 0;
      return type.children.every((child, index) =>
        fits(api, api.duckdb_struct_vector_get_child(vector, index + offset), child, count),
      );
    }
  }
}

function intervalsFit(api: DuckDbApi, vector: Pointer, count: number): boolean {
  const data = api.duckdb_vector_get_data(vector);
  const validity = api.duckdb_vector_get_validity(vector);
  const block = Scratch.take(BLOCK * INTERVAL_BYTES);
  try {
    for (let start = 0; start < count; start += BLOCK) {
      const length = Math.min(BLOCK, count - start);
      const { i32 } = block.load(data + start * INTERVAL_BYTES, length * INTERVAL_BYTES);
      for (let i = 0; i < length; i++) if (isBeyond(i32, i * 4) && isValid(validity, start + i)) return false;
    }
    return true;
  } finally {
    block.free();
  }
}

/** Months, days, and the two halves of the microseconds. */
function isBeyond(words: Int32Array, at: number): boolean {
  const upper = words[at + 3] ?? 0;
  if (upper < MAX_MICROS_HIGH && upper > -MAX_MICROS_HIGH) return false;
  const micros = (BigInt(upper) << 32n) | BigInt((words[at + 2] ?? 0) >>> 0);
  return micros > MAX_MICROS || micros < -MAX_MICROS;
}

function isValid(validity: Pointer, row: number): boolean {
  if (validity === 0) return true;
  const byte = new Uint8Array(viewMemory(validity + (row >> 3), 1))[0] ?? 0;
  return ((byte >> (row & 7)) & 1) === 1;
}

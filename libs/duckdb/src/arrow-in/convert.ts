import { type Arena, type Bytes, int32s } from './arena.js';

/** Half floats as floats, by their bits. */
const FLOAT_OF_HALF = new Float32Array(Array.from({ length: 2 ** 16 }, (_, bits) => half(bits)));

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

type Convert = (values: Bytes, length: number, arena: Arena) => Bytes;

/** Values as DuckDB takes them, and how wide they are then. */
export const CONVERSIONS: Readonly<
  Record<'half' | 'dayTime' | 'decimal256', { readonly width: number; readonly convert: Convert }>
> = {
  half: {
    width: 4,
    convert({ u8 }, length, arena) {
      const target = arena.allocate(length * 4);
      const from = new Uint16Array(u8.buffer, u8.byteOffset, length);
      const to = new Float32Array(target.u8.buffer, 0, length);
      for (let i = 0; i < length; i++) to[i] = FLOAT_OF_HALF[from[i] ?? 0] ?? 0;
      return target;
    },
  },
  // Days and milliseconds, to months, days and nanoseconds.
  dayTime: {
    width: 16,
    convert(values, length, arena) {
      const target = arena.allocate(length * 16);
      const from = int32s(values);
      const to = int32s(target);
      for (let i = 0; i < length; i++) {
        const nanos = (from[i * 2 + 1] ?? 0) * 1_000_000;
        to[i * 4 + 1] = from[i * 2] ?? 0;
        to[i * 4 + 2] = nanos % 2 ** 32;
        to[i * 4 + 3] = Math.floor(nanos / 2 ** 32);
      }
      return target;
    },
  },
  // What has at most 38 digits, or is a UHUGEINT, fits the lower half.
  decimal256: {
    width: 16,
    convert(values, length, arena) {
      const target = arena.allocate(length * 16);
      const from = int32s(values);
      const to = int32s(target);
      for (let i = 0; i < length; i++) to.set(from.subarray(i * 8, i * 8 + 4), i * 4);
      return target;
    },
  },
};

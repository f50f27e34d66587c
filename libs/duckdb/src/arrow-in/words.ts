import { type Bytes, uint32s } from './arena.js';

/** Writes a 64-bit word at a multiple of 4; exact to 2^53. */
export function setWord(bytes: Bytes, offset: number, value: number): void {
  const words = uint32s(bytes);
  words[offset >> 2] = value % 2 ** 32;
  words[(offset >> 2) + 1] = Math.floor(value / 2 ** 32);
}

import { describe, expect, it } from '@jest/globals';
import { Scratch } from '../native/memory.js';
import { copyBits, popcount } from './bits.js';

const BYTES = 64;

function filled(seed: number): Scratch {
  const scratch = new Scratch(BYTES);
  for (let i = 0; i < BYTES; i++) scratch.u8[i] = (i * 97 + seed * 31 + ((i * i) % 7)) & 0xff;
  return scratch;
}

function bit(bytes: Uint8Array, index: number): number {
  return ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1;
}

describe('copyBits', () => {
  it('moves any range of bits to any place and keeps what stands before it', () => {
    for (let fromBit = 0; fromBit < 19; fromBit++)
      for (let toBit = 0; toBit < 19; toBit++)
        for (const count of [1, 3, 7, 8, 9, 31, 64, 200]) {
          const source = filled(fromBit);
          const target = filled(toBit + 50);
          const before = Uint8Array.from(target.u8);
          copyBits(target.u8, target.pointer, toBit, source.pointer, fromBit, count);
          // One expectation a case: one a bit takes Jest many seconds.
          const expected = Array.from({ length: toBit + count }, (_, i) =>
            i < toBit ? bit(before, i) : bit(source.u8, fromBit + i - toBit),
          );
          expect(expected.findIndex((value, i) => bit(target.u8, i) !== value)).toBe(-1);
          source.free();
          target.free();
        }
  });

  it('sets all bits where there is no source bitmap', () => {
    const target = filled(1);
    copyBits(target.u8, target.pointer, 5, 0, 0, 20);
    expect(popcount(target.pointer, 5, 25)).toBe(20);
    expect(popcount(target.pointer, 25, 32)).toBe(0);
    target.free();
  });
});

describe('popcount', () => {
  it('counts within bounds that are no multiples of eight', () => {
    const scratch = filled(3);
    for (const [start, end] of [
      [0, 1],
      [3, 17],
      [8, 16],
      [0, BYTES * 8],
      [9, 9],
    ] as const) {
      let expected = 0;
      for (let i = start; i < end; i++) expected += bit(scratch.u8, i);
      expect(popcount(scratch.pointer, start, end)).toBe(expected);
    }
    scratch.free();
  });
});

import type { Pointer } from '../native/api.js';
import { Scratch, copyMemory } from '../native/memory.js';

const BLOCK = 8192;
const block = new Scratch(BLOCK);

/** How many bits are set from bit `start` (included) to bit `end` (excluded) of the bitmap at an address. */
export function popcount(bits: Pointer, start: number, end: number): number {
  let count = 0;
  forEachBlock(bits, start, end - start, (bytes, firstBit, length) => {
    for (let i = firstBit; i < firstBit + length; i++) count += ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1;
  });
  return count;
}

/**
 * Writes `count` bits into `target` from bit `toBit` on; all ones where `from` is the null pointer. Bits of the last
 * byte behind them become 0.
 */
export function copyBits(
  target: Uint8Array,
  targetPointer: Pointer,
  toBit: number,
  from: Pointer,
  fromBit: number,
  count: number,
): void {
  if (count === 0) return;
  if (from === 0) setBits(target, toBit, count);
  else if ((toBit & 7) === 0 && (fromBit & 7) === 0) {
    copyMemory(targetPointer + (toBit >> 3), from + (fromBit >> 3), (count + 7) >> 3);
    clearBehind(target, toBit + count);
  } else {
    let to = toBit;
    forEachBlock(from, fromBit, count, (bytes, firstBit, length) => {
      shiftBits(target, to, bytes, firstBit, length);
      to += length;
    });
  }
}

function shiftBits(
  target: Uint8Array,
  toBit: number,
  source: Uint8Array,
  fromBit: number,
  count: number,
): void {
  for (let done = 0; done < count;) {
    const to = toBit + done;
    const room = Math.min(8 - (to & 7), count - done);
    const from = fromBit + done;
    const pair = (source[from >> 3] ?? 0) | ((source[(from >> 3) + 1] ?? 0) << 8);
    writeBits(target, to, room, pair >> (from & 7));
    done += room;
  }
}

function setBits(target: Uint8Array, toBit: number, count: number): void {
  for (let done = 0; done < count;) {
    const to = toBit + done;
    const room = Math.min(8 - (to & 7), count - done);
    writeBits(target, to, room, 0xff);
    done += room;
  }
}

/** Puts the low `count` bits of `bits` at bit `at`, within one byte; what lies behind them becomes 0. */
function writeBits(target: Uint8Array, at: number, count: number, bits: number): void {
  const shift = at & 7;
  const kept = (target[at >> 3] ?? 0) & ((1 << shift) - 1);
  target[at >> 3] = kept | ((bits & ((1 << count) - 1)) << shift);
}

function clearBehind(target: Uint8Array, end: number): void {
  if ((end & 7) !== 0) target[end >> 3] = (target[end >> 3] ?? 0) & ((1 << (end & 7)) - 1);
}

/** Hands out the bytes that hold a range of bits, a block at a time, with the first bit's place in the block. */
function forEachBlock(
  bits: Pointer,
  start: number,
  count: number,
  use: (bytes: Uint8Array, firstBit: number, length: number) => void,
): void {
  const perBlock = (BLOCK - 1) * 8;
  for (let done = 0; done < count; done += perBlock) {
    const length = Math.min(perBlock, count - done);
    const first = start + done;
    block.load(bits + (first >> 3), ((first & 7) + length + 7) >> 3);
    use(block.u8, first & 7, length);
  }
}

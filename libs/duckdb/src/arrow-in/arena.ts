import { DomainError, messageOf } from '@pondpilot/kernel';
import type { Pointer } from '../native/api.js';
import { allocate, free, viewMemory } from '../native/memory.js';
import { OutOfMemory } from './failures.js';

/** Native memory, and JavaScript's view of it. Starts at a multiple of 8. */
export interface Bytes {
  readonly pointer: Pointer;
  readonly u8: Uint8Array;
}

/** Zeros behind each piece: DuckDB reads whole bytes and words of bitmaps, and so a little behind their end. */
const PADDING = 64;
/** Unpacked and gathered data of one message: more would be a bomb. */
const LIMIT_BYTES = 512 * 1024 ** 2;

export const NO_BYTES: Bytes = { pointer: 0, u8: new Uint8Array(0) };

/** Native memory that is freed all at once. */
export class Arena {
  private readonly pieces = new Map<Pointer, number>();
  private used = 0;

  /** All that was charged. */
  get bytes(): number {
    return this.used;
  }

  /** Zeroed memory. Throws `resource_exhausted` where the arena has grown too large. */
  allocate(bytes: number): Bytes {
    this.charge(bytes + PADDING);
    const pointer = allocated(bytes + PADDING);
    this.pieces.set(pointer, bytes);
    const all = new Uint8Array(viewMemory(pointer, bytes + PADDING));
    all.fill(0);
    return { pointer, u8: all.subarray(0, bytes) };
  }

  copy(bytes: Uint8Array): Bytes {
    const copied = this.allocate(bytes.byteLength);
    copied.u8.set(bytes);
    return copied;
  }

  /** Memory elsewhere that is made for this arena's sake counts too. */
  charge(bytes: number): void {
    this.used += bytes;
    if (this.used > LIMIT_BYTES)
      throw new DomainError(
        'resource_exhausted',
        `One Arrow message unfolds to more than ${LIMIT_BYTES / 1024 ** 2} MiB. Send smaller batches.`,
      );
  }

  /** Whether the bytes lie in this arena. */
  owns({ pointer }: Bytes): boolean {
    for (const [start, bytes] of this.pieces) if (pointer >= start && pointer <= start + bytes) return true;
    return false;
  }

  /** Nothing that was allocated may be used any more. */
  free(): void {
    for (const pointer of this.pieces.keys()) free(pointer);
    this.pieces.clear();
    this.used = 0;
  }
}

function allocated(bytes: number): Pointer {
  try {
    return allocate(bytes);
  } catch (error) {
    throw new OutOfMemory(messageOf(error));
  }
}

/** Part of some bytes; `start` is a multiple of 8. */
export function slice({ pointer, u8 }: Bytes, start: number, bytes: number): Bytes {
  return { pointer: pointer + start, u8: u8.subarray(start, start + bytes) };
}

export function int32s({ u8 }: Bytes): Int32Array {
  return new Int32Array(u8.buffer, u8.byteOffset, u8.byteLength >> 2);
}

export function uint32s({ u8 }: Bytes): Uint32Array {
  return new Uint32Array(u8.buffer, u8.byteOffset, u8.byteLength >> 2);
}

import koffi from 'koffi';
import type { Pointer } from './api.js';

const libc = koffi.load('libc.so.6');
const mallocNative = libc.func('malloc', 'intptr_t', ['size_t']) as (size: number) => Pointer;
const freeNative = libc.func('free', 'void', ['intptr_t']) as (pointer: Pointer) => void;
const strlenNative = libc.func('strlen', 'size_t', ['intptr_t']) as (pointer: Pointer) => number;

/** C `memcpy`: bytes between addresses, at about 85 ns a call. */
export const copyMemory = libc.func('memcpy', 'intptr_t', ['intptr_t', 'intptr_t', 'size_t']) as (
  to: Pointer,
  from: Pointer,
  bytes: number,
) => Pointer;

/** Memory outside the JavaScript heap. Throws a RangeError where the system has no more. */
export function allocate(bytes: number): Pointer {
  const pointer = mallocNative(bytes);
  if (pointer === 0) throw new RangeError(`No memory for ${bytes} bytes.`);
  return pointer;
}

export function free(pointer: Pointer): void {
  freeNative(pointer);
}

/** The bytes at an address, not copied. Whoever frees the address must drop the view. */
export function viewMemory(pointer: Pointer, bytes: number): ArrayBuffer {
  return koffi.view(pointer, bytes) as ArrayBuffer;
}

/** A small native buffer that is read and written both by pointer and by JavaScript. */
export class Scratch {
  readonly pointer: Pointer;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  private readonly u32: Uint32Array;

  constructor(bytes: number) {
    this.pointer = allocate(bytes);
    const memory = viewMemory(this.pointer, bytes);
    this.u8 = new Uint8Array(memory);
    this.i32 = new Int32Array(memory);
    this.u32 = new Uint32Array(memory);
  }

  /** The 64-bit word at a multiple of 8, as a Number: exact below 2^53; -1 where all bits are set. */
  word(offset: number): number {
    const low = this.u32[offset >> 2] ?? 0;
    const high = this.u32[(offset >> 2) + 1] ?? 0;
    return high === 0xffff_ffff && low === 0xffff_ffff ? -1 : high * 2 ** 32 + low;
  }

  setWord(offset: number, value: number): void {
    this.u32[offset >> 2] = value % 2 ** 32;
    this.u32[(offset >> 2) + 1] = Math.floor(value / 2 ** 32);
  }

  free(): void {
    freeNative(this.pointer);
  }

  /** Copies `bytes` from an address to the start of the scratch. */
  load(from: Pointer, bytes: number): this {
    copyMemory(this.pointer, from, bytes);
    return this;
  }
}

/** The text of a C string in UTF-8; empty for a null pointer. */
export function readCString(pointer: Pointer): string {
  if (pointer === 0) return '';
  const length = strlenNative(pointer);
  return length === 0 ? '' : Buffer.from(viewMemory(pointer, length)).toString('utf8');
}

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

/** Bytes of JavaScript's to an address: a view of the target would count as garbage of its size. */
export const copyInto = libc.func('memcpy', 'intptr_t', ['intptr_t', 'const void *', 'size_t']) as (
  to: Pointer,
  from: Uint8Array,
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

/** Scratches that are free, by size; and how many of a size are kept. */
const spare = new Map<number, Scratch[]>();
const SPARE_LIMIT = 32;

/** A small native buffer that is read and written both by pointer and by JavaScript. */
export class Scratch {
  readonly pointer: Pointer;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  private readonly u32: Uint32Array;

  /** A scratch that is given back by `free` and then used again: making one costs more than most calls. */
  static take(bytes: number): Scratch {
    return spare.get(bytes)?.pop() ?? new Scratch(bytes);
  }

  constructor(private readonly bytes: number) {
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

  /** Not to be used any more by its holder. */
  free(): void {
    const others = spare.get(this.bytes) ?? [];
    if (others.length >= SPARE_LIMIT) freeNative(this.pointer);
    else others.push(this);
    spare.set(this.bytes, others);
  }

  /** Copies `bytes` from an address to the start of the scratch. */
  load(from: Pointer, bytes: number): this {
    copyMemory(this.pointer, from, bytes);
    return this;
  }
}

const text = new Scratch(1024);

/** The text of a C string in UTF-8; empty for a null pointer. */
export function readCString(pointer: Pointer): string {
  return pointer === 0 ? '' : readText(pointer, strlenNative(pointer));
}

/** The text of so many bytes of UTF-8. */
export function readText(pointer: Pointer, bytes: number): string {
  if (bytes <= text.u8.byteLength)
    return Buffer.from(text.load(pointer, bytes).u8.subarray(0, bytes)).toString('utf8');
  return Buffer.from(viewMemory(pointer, bytes)).toString('utf8');
}

const utf8 = new TextEncoder();

/** The text as a C string, which the caller frees. */
export function cString(value: string): Pointer {
  const bytes = utf8.encode(`${value}\0`);
  const pointer = allocate(bytes.byteLength);
  new Uint8Array(viewMemory(pointer, bytes.byteLength)).set(bytes);
  return pointer;
}

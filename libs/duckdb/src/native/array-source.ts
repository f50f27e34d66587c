import koffi from 'koffi';
import { ARROW_ARRAY } from '../arrow/batch-layout.js';
import type { Pointer } from './api.js';
import { Scratch, copyMemory } from './memory.js';

/** What a source and those who fill it share: where the arrays lie, how many they are, and how many were taken. */
export const ARRAY_LIST = { size: 24, arrays: 0, count: 8, taken: 16 } as const;

/** `get_next` of the Arrow C stream interface. */
const getNextType = koffi.pointer(koffi.proto('int', ['intptr_t', 'intptr_t']));
/** An array without a `release`: the end of a stream. */
const END = new Scratch(ARROW_ARRAY.size);
END.u8.fill(0);

/**
 * A stream's function that gives ArrowArrays out of a list in native memory. DuckDB calls it from any of its threads,
 * and that waits until the thread that made the source comes to it. So it must be made in a thread that never waits for
 * DuckDB, such as the main one.
 */
export class ArraySource {
  /** The C function. Valid until `free`. */
  readonly getNext: Pointer;
  private readonly callback: bigint;
  private readonly words = new Scratch(ARRAY_LIST.size);

  constructor() {
    this.words.u8.fill(0);
    this.callback = koffi.register((_stream: Pointer, out: Pointer) => this.giveNext(out), getNextType);
    this.getNext = Number(this.callback);
  }

  /** The list, laid out as ARRAY_LIST has it. */
  get list(): Pointer {
    return this.words.pointer;
  }

  /** To be called when no scan can ask any more. */
  free(): void {
    koffi.unregister(this.callback);
    this.words.free();
  }

  private giveNext(out: Pointer): number {
    const { words } = this;
    const taken = words.word(ARRAY_LIST.taken);
    const more = taken < words.word(ARRAY_LIST.count);
    const next = more ? words.word(ARRAY_LIST.arrays) + taken * ARROW_ARRAY.size : END.pointer;
    copyMemory(out, next, ARROW_ARRAY.size);
    if (more) words.setWord(ARRAY_LIST.taken, taken + 1);
    return 0;
  }
}

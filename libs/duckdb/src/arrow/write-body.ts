import type { Pointer } from '../native/api.js';
import { copyMemory } from '../native/memory.js';
import type { BatchLayout } from './batch-layout.js';
import { copyBits } from './bits.js';

/** Native memory that a batch is written to, and JavaScript's views of it. Its address is a multiple of 64. */
export interface TargetMemory {
  readonly pointer: Pointer;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
}

/** Carries out the steps of a layout, the body starting `bodyStart` bytes (a multiple of 64) into the memory. */
export function writeBody(layout: BatchLayout, memory: TargetMemory, bodyStart: number): void {
  const base = memory.pointer + bodyStart;
  for (const step of layout.steps) {
    switch (step.kind) {
      case 'copy':
        if (step.bytes > 0) copyMemory(base + step.to, step.from, step.bytes);
        break;
      case 'zero':
        memory.u8.fill(0, bodyStart + step.to, bodyStart + step.to + step.bytes);
        break;
      case 'offsets':
        copyMemory(base + step.to, step.from, step.count * 4);
        if (step.add !== 0) raise(memory.i32, (bodyStart + step.to) >> 2, step.count, step.add);
        break;
      case 'bits': {
        const start = bodyStart + step.to;
        const target = memory.u8.subarray(start, start + ((step.toBit + step.count + 7) >> 3));
        copyBits(target, memory.pointer + start, step.toBit, step.from, step.fromBit, step.count);
        break;
      }
    }
  }
}

function raise(values: Int32Array, first: number, count: number, add: number): void {
  for (let i = first; i < first + count; i++) values[i] = (values[i] ?? 0) + add;
}

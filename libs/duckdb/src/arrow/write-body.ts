import type { Pointer } from '../native/api.js';
import { copyMemory } from '../native/memory.js';
import type { BatchLayout } from './batch-layout.js';
import { copyBits } from './bits.js';
import { checkValues } from './check-values.js';

/** Native memory that a batch is written to, and JavaScript's views of it. Its address is a multiple of 64. */
export interface TargetMemory {
  readonly pointer: Pointer;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
}

/**
 * Carries out the steps of a layout, the body starting `bodyStart` bytes (a multiple of 64) into the memory. Throws
 * `invalid_argument` that names the column for a value that its Arrow type has not.
 */
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
      case 'widen':
        widen(memory, bodyStart + step.to, step.from, step.count);
        break;
      case 'check': {
        const validity = step.validity < 0 ? undefined : memory.u8.subarray(bodyStart + step.validity);
        checkValues(step.check, memory.i32, (bodyStart + step.to) >> 2, step.count, validity);
        break;
      }
    }
  }
}

function raise(values: Int32Array, first: number, count: number, add: number): void {
  for (let i = first; i < first + count; i++) values[i] = (values[i] ?? 0) + add;
}

/** Copies the values to the end of their place and spreads them from there: none is overwritten before it is read. */
function widen({ pointer, i32 }: TargetMemory, to: number, from: Pointer, count: number): void {
  copyMemory(pointer + to + count * 16, from, count * 16);
  const target = to >> 2;
  const source = target + count * 4;
  for (let i = 0; i < count; i++) {
    i32.copyWithin(target + i * 8, source + i * 4, source + i * 4 + 4);
    i32.fill(0, target + i * 8 + 4, target + i * 8 + 8);
  }
}

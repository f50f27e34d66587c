import type { Pointer } from '../native/api.js';
import { viewMemory } from '../native/memory.js';
import type { TargetMemory } from '../arrow/write-body.js';
import type { SlotMemory } from './protocol.js';

const views = new Map<Pointer, TargetMemory & { readonly bytes: number }>();

/** Views of native memory; those of slots, which live as long as the process, are made once. */
export function targetMemory(slot: SlotMemory, keep: boolean): TargetMemory {
  const known = views.get(slot.pointer);
  if (known && keep && known.bytes === slot.bytes) return known;
  const memory = viewMemory(slot.pointer, slot.bytes);
  const target = {
    pointer: slot.pointer,
    bytes: slot.bytes,
    u8: new Uint8Array(memory),
    i32: new Int32Array(memory, 0, slot.bytes >> 2),
  };
  if (keep) views.set(slot.pointer, target);
  return target;
}

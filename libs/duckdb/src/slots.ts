import type { SlotMemory } from './worker/protocol.js';
import { allocate, free, viewMemory } from './native/memory.js';

/** Holds a batch of the usual size, its header and what the transport adds. */
const SLOT_BYTES = 2 * 1024 * 1024 + 64 * 1024;
/** Slots that are kept for reuse; more are made under load and freed afterwards. */
const KEPT = 12;

/** Native memory for one message, and JavaScript's view of it. */
export interface Slot extends SlotMemory {
  readonly buffer: Buffer;
}

/**
 * Memory that worker threads write messages into and sockets send from, without a copy between. Native, because every
 * thread can then write at an address. Kept and used again: fresh pages cost more than the copying itself.
 */
export class SlotPool {
  private readonly free: Slot[] = [];

  take(): Slot {
    return this.free.pop() ?? viewed({ pointer: allocate(SLOT_BYTES), bytes: SLOT_BYTES });
  }

  give(slot: Slot): void {
    if (slot.bytes === SLOT_BYTES && this.free.length < KEPT) this.free.push(slot);
    else free(slot.pointer);
  }
}

export function viewed(memory: SlotMemory): Slot {
  return { ...memory, buffer: Buffer.from(viewMemory(memory.pointer, memory.bytes)) };
}

import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { watchMemory } from './memory-watch.js';

function watched() {
  const clock = new ManualClock();
  const told: string[] = [];
  const memory = { resident: 100, free: 0 };
  const stop = watchMemory({
    clock,
    limitBytes: 1000,
    residentBytes: () => memory.resident,
    release: () => {
      memory.resident -= memory.free;
      memory.free = 0;
    },
    interrupt: () => told.push('interrupt'),
    end: () => told.push('end'),
  });
  return { clock, told, memory, stop };
}

describe('watchMemory', () => {
  it('leaves a process within its limit alone', () => {
    const { clock, told, memory } = watched();
    memory.resident = 1000;
    clock.advance(10_000);
    expect(told).toEqual([]);
  });

  it('interrupts above the limit, and what comes meanwhile', () => {
    const { clock, told, memory } = watched();
    memory.resident = 1200;
    clock.advance(200);
    expect(told).toEqual(['interrupt', 'interrupt']);
    memory.resident = 500;
    clock.advance(10_000);
    expect(told).toEqual(['interrupt', 'interrupt']);
  });

  it('interrupts nothing where what is free is enough', () => {
    const { clock, told, memory } = watched();
    Object.assign(memory, { resident: 1200, free: 300 });
    clock.advance(10_000);
    expect(told).toEqual([]);
  });

  it('ends a process that does not give its memory back', () => {
    const { clock, told, memory } = watched();
    memory.resident = 1200;
    clock.advance(10_000);
    expect(new Set(told)).toEqual(new Set(['interrupt', 'end']));
    expect(told.indexOf('end')).toBe(told.length - 1);
  });

  it('ends a process at once that takes far more', () => {
    const { clock, told, memory } = watched();
    memory.resident = 2000;
    clock.advance(500);
    expect(told).toEqual(['end']);
  });
});

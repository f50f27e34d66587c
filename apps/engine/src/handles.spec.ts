import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { Handles } from './handles.js';

describe('Handles', () => {
  it('gives back what was added, as often as it is asked for', () => {
    const handles = new Handles<string>('ticket', new ManualClock(), 1000, 10);
    const handle = handles.add('a');
    expect([handles.get(handle), handles.get(handle)]).toEqual(['a', 'a']);
  });

  it('forgets what was not used for a while, and keeps what was', () => {
    const clock = new ManualClock();
    const handles = new Handles<string>('ticket', clock, 1000, 10);
    const [used, unused] = [handles.add('used'), handles.add('unused')];
    clock.advance(800);
    handles.get(used);
    clock.advance(800);
    expect(handles.get(used)).toBe('used');
    expect(() => handles.get(unused)).toThrow('no such ticket');
  });

  it('never holds more than its limit', () => {
    const handles = new Handles<number>('ticket', new ManualClock(), 1000, 100);
    const first = handles.add(0);
    for (let i = 1; i <= 10_000; i++) handles.add(i);
    expect(handles.size).toBeLessThanOrEqual(100);
    expect(() => handles.get(first)).toThrow('no such ticket');
  });

  it('answers not_found for handles that were never given', () => {
    const handles = new Handles<string>('prepared statement', new ManualClock(), 1000, 10);
    expect(() => handles.get(Buffer.from('guess'))).toThrow(expect.objectContaining({ kind: 'not_found' }));
  });
});

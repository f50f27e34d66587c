import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { endWithoutProxy } from './parent-watch.js';

describe('an engine that outlives its proxy', () => {
  function watched() {
    const clock = new ManualClock(0);
    const state = { ended: false };
    const heard = endWithoutProxy(clock, 1000, () => (state.ended = true));
    return { clock, state, heard };
  }

  it('ends when no proxy is heard of for the whole time', () => {
    const { clock, state } = watched();
    clock.advance(999);
    expect(state.ended).toBe(false);
    clock.advance(1);
    expect(state.ended).toBe(true);
  });

  it('goes on while one is heard of now and then', () => {
    const { clock, state, heard } = watched();
    for (let round = 0; round < 20; round++) {
      clock.advance(900);
      heard();
    }
    expect(state.ended).toBe(false);
    clock.advance(1000);
    expect(state.ended).toBe(true);
  });
});

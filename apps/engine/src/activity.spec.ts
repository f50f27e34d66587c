import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { Activity } from './activity.js';

const never = new AbortController().signal;

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('DuckDB said stop'))),
  );
}

describe('Activity', () => {
  it('lists statements while they run, by the hash of their text', async () => {
    const activity = new Activity(new ManualClock(5));
    await activity.track('SELECT secret', never, undefined, async () => {
      expect(activity.statements()).toHaveLength(1);
      expect(JSON.stringify(activity.statements())).not.toContain('secret');
    });
    expect(activity.statements()).toHaveLength(0);
  });

  it('turns an interrupt into `cancelled`', async () => {
    const activity = new Activity(new ManualClock());
    const running = activity.track('a', never, undefined, untilAborted);
    expect(activity.interrupt('')).toBe(1);
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('interrupts only the statement of a ticket', async () => {
    const activity = new Activity(new ManualClock());
    const one = activity.track('a', never, Buffer.from('one'), untilAborted);
    const two = activity.track('b', never, Buffer.from('two'), untilAborted);
    expect(activity.interruptTicket(Buffer.from('two'))).toBe(1);
    await expect(two).rejects.toMatchObject({ kind: 'cancelled' });
    expect(activity.statements()).toHaveLength(1);
    activity.interrupt('');
    await expect(one).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('follows the signal of the call', async () => {
    const activity = new Activity(new ManualClock());
    const call = new AbortController();
    const running = activity.track('a', call.signal, undefined, untilAborted);
    call.abort();
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('drains: refuses what is new and waits for what runs', async () => {
    const activity = new Activity(new ManualClock());
    let finish = () => {};
    const running = activity.track(
      'a',
      never,
      undefined,
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    const drained = activity.drain(60_000);
    await expect(activity.track('b', never, undefined, async () => 1)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    finish();
    await running;
    expect(await drained).toBe(0);
  });

  it('stops draining when the time is over and tells what is left', async () => {
    const clock = new ManualClock();
    const activity = new Activity(clock);
    const running = activity.track('a', never, undefined, untilAborted);
    const drained = activity.drain(1000);
    clock.advance(1000);
    expect(await drained).toBe(1);
    activity.interrupt('');
    await expect(running).rejects.toThrow('cancelled');
  });
});

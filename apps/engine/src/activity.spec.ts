import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { Activity } from './activity.js';

const LIMITS = { statementTimeMs: 60_000, concurrentStatements: 2, onStuck: () => {} };
const never = new AbortController().signal;

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('DuckDB said stop'))),
  );
}

describe('Activity', () => {
  it('lists statements while they run, by the hash of their text', async () => {
    const activity = new Activity(new ManualClock(5), LIMITS);
    await activity.track('SELECT secret', never, undefined, async () => {
      expect(activity.statements()).toHaveLength(1);
      expect(JSON.stringify(activity.statements())).not.toContain('secret');
    });
    expect(activity.statements()).toHaveLength(0);
  });

  it('turns an interrupt into `cancelled`', async () => {
    const activity = new Activity(new ManualClock(), LIMITS);
    const running = activity.track('a', never, undefined, untilAborted);
    expect(activity.interrupt('')).toBe(1);
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('interrupts only the statement of a ticket', async () => {
    const activity = new Activity(new ManualClock(), LIMITS);
    const one = activity.track('a', never, Buffer.from('one'), untilAborted);
    const two = activity.track('b', never, Buffer.from('two'), untilAborted);
    expect(activity.interruptTicket(Buffer.from('two'))).toBe(1);
    await expect(two).rejects.toMatchObject({ kind: 'cancelled' });
    expect(activity.statements()).toHaveLength(1);
    activity.interrupt('');
    await expect(one).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('follows the signal of the call', async () => {
    const activity = new Activity(new ManualClock(), LIMITS);
    const call = new AbortController();
    const running = activity.track('a', call.signal, undefined, untilAborted);
    call.abort();
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('drains: refuses what is new and waits for what runs', async () => {
    const activity = new Activity(new ManualClock(), LIMITS);
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
    const activity = new Activity(clock, LIMITS);
    const running = activity.track('a', never, undefined, untilAborted);
    const drained = activity.drain(1000);
    clock.advance(1000);
    expect(await drained).toBe(1);
    activity.interrupt('');
    await expect(running).rejects.toThrow('cancelled');
  });

  it('ends a statement whose time is over, and complains where it does not end', async () => {
    const clock = new ManualClock();
    const stuck: string[] = [];
    const activity = new Activity(clock, { ...LIMITS, onStuck: () => stuck.push('stuck') });
    const stops = activity.track('a', never, undefined, untilAborted);
    void activity.track('b', never, undefined, () => new Promise(() => {}));
    clock.advance(60_001);
    await expect(stops).rejects.toMatchObject({
      kind: 'deadline_exceeded',
      message: expect.stringContaining('limits.statement_time'),
    });
    expect(stuck).toEqual([]);
    clock.advance(5001);
    expect(stuck).toEqual(['stuck']);
  });

  it('refuses a statement where too many run', async () => {
    const activity = new Activity(new ManualClock(), LIMITS);
    const running = [1, 2].map(() => activity.track('a', never, undefined, untilAborted));
    await expect(activity.track('b', never, undefined, async () => 1)).rejects.toMatchObject({
      kind: 'resource_exhausted',
      message: expect.stringContaining('limits.concurrent_statements'),
    });
    activity.interrupt('');
    await Promise.allSettled(running);
    expect(await activity.track('c', never, undefined, async () => 1)).toBe(1);
  });
});

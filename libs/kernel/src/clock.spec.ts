import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.js';
import { ManualClock } from './manual-clock.js';

describe('ManualClock', () => {
  it('stands still until it is moved', () => {
    const clock = new ManualClock(1000);
    expect(clock.now()).toBe(1000);
    clock.advance(250);
    expect(clock.now()).toBe(1250);
  });

  it('runs what falls due in order, each at its time', () => {
    const clock = new ManualClock();
    const ran: string[] = [];
    clock.after(30, () => ran.push(`late at ${clock.now()}`));
    clock.every(20, () => ran.push(`each at ${clock.now()}`));
    clock.after(10, () => ran.push(`early at ${clock.now()}`));
    clock.advance(45);
    expect(ran).toEqual(['early at 10', 'each at 20', 'late at 30', 'each at 40']);
  });

  it('runs nothing that is not due yet, or was called off', () => {
    const clock = new ManualClock();
    const ran: string[] = [];
    const callOff = clock.after(10, () => ran.push('called off'));
    const stop = clock.every(5, () => ran.push('each'));
    clock.after(11, () => ran.push('too late'));
    callOff();
    clock.advance(5);
    stop();
    clock.advance(5);
    expect(ran).toEqual(['each']);
  });

  it('runs what a task sets up where that falls due too', () => {
    const clock = new ManualClock();
    const ran: number[] = [];
    clock.after(10, () => clock.after(10, () => ran.push(clock.now())));
    clock.advance(20);
    expect(ran).toEqual([20]);
  });
});

describe('systemClock', () => {
  it('tells the time', () => {
    const before = Date.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  it('runs a task once, or again and again until stopped', async () => {
    let once = 0;
    let times = 0;
    systemClock.after(1, () => (once += 1));
    await new Promise<void>((resolve) => {
      const stop = systemClock.every(1, () => {
        times += 1;
        if (times < 3 || once < 1) return;
        stop();
        resolve();
      });
      // The clock's own timers do not keep the process alive.
      const alive = setInterval(() => once > 0 && times >= 3 && clearInterval(alive), 1);
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(once).toBe(1);
    expect(times).toBeGreaterThanOrEqual(3);
  });

  it('runs nothing that was called off', async () => {
    let ran = false;
    systemClock.after(1, () => (ran = true))();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ran).toBe(false);
  });
});

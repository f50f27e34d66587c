import type { Clock } from './clock.js';

interface Timer {
  due: number;
  period: number | undefined;
  task: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  private readonly timers = new Set<Timer>();

  constructor(private time = 0) {}

  now(): number {
    return this.time;
  }

  every(ms: number, task: () => void): () => void {
    return this.add({ due: this.time + ms, period: ms, task });
  }

  after(ms: number, task: () => void): () => void {
    return this.add({ due: this.time + ms, period: undefined, task });
  }

  /** Moves time on by `ms` and runs what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let next = this.nextBefore(end); next; next = this.nextBefore(end)) {
      this.time = next.due;
      if (next.period === undefined) this.timers.delete(next);
      else next.due += next.period;
      next.task();
    }
    this.time = end;
  }

  private add(timer: Timer): () => void {
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  private nextBefore(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.timers) if (timer.due <= end && (!next || timer.due < next.due)) next = timer;
    return next;
  }
}

import { Injectable } from '@nestjs/common';

export type Phase = 'starting' | 'serving' | 'draining';

/** Where the server stands between its start and its end. Whoever starts and stops it tells it here. */
@Injectable()
export class Lifecycle {
  private current: Phase = 'starting';
  private readonly listeners = new Set<() => void>();

  get phase(): Phase {
    return this.current;
  }

  /** Both listeners are open. */
  serve(): void {
    if (this.current === 'starting') this.change('serving');
  }

  /** No new work is taken from now on. */
  drain(): void {
    if (this.current !== 'draining') this.change('draining');
  }

  /** Calls back after each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private change(phase: Phase): void {
    this.current = phase;
    for (const listener of this.listeners) listener();
  }
}

import { readdirSync } from 'node:fs';
import { processState } from './processes.js';

const EVERY_MS = 25;

/** Counts the engines of a proxy as the system sees them, again and again. */
export class EngineSampler {
  /** The most at once so far. */
  most = 0;
  samples = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly proxy: number) {
    this.timer = setInterval(() => this.sample(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Engines are children of the proxy, and one that has ended but was not fetched yet is none. */
  private sample(): void {
    const states = readdirSync('/proc').map((name) =>
      /^\d+$/.test(name) ? processState(Number(name)) : undefined,
    );
    const engines = states.filter((state) => state?.parent === this.proxy && state.state !== 'Z');
    this.samples += 1;
    this.most = Math.max(this.most, engines.length);
  }
}

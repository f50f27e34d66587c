import { setTimeout as delay } from 'node:timers/promises';
import { Deferred } from '../../deferred.js';
import type { EngineOutput } from './engine-output.js';

/** What an engine wrote last comes by another connection than the news of its end. */
const LAST_WORDS_MS = 500;

/** An engine that this provider has launched or found. */
export class Engine {
  output: EngineOutput | undefined;
  /** Its container has ended. */
  ended = false;
  /** It was to be removed, and could not be. */
  abandoned = false;
  removal: Promise<void> | undefined;
  private readonly abort = new Deferred<never>();

  /** `running`: its end without `stop` is a death. */
  constructor(
    readonly id: string,
    public running: boolean,
  ) {}

  /** Has its container been started, so that there is none only where it has ended? */
  get started(): boolean {
    return this.running || this.output !== undefined;
  }

  /** Rejects when a launch that is under way can't come to an end any more. */
  get aborted(): Promise<never> {
    return this.abort.promise;
  }

  abortLaunch(reason: Error): void {
    this.abort.reject(reason);
  }

  /** Resolves when all that it wrote has been heard, or soon. */
  async heard(): Promise<void> {
    await Promise.race([this.output?.over, delay(LAST_WORDS_MS, undefined, { ref: false })]);
  }
}

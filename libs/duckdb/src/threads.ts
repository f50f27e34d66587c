import type { Worker } from 'node:worker_threads';
import { DomainError, messageOf } from '@pondpilot/kernel';
import { shortage } from './shortage.js';
import { startThread } from './start-thread.js';
import type {
  Operation,
  Operations,
  WorkerRequest,
  WorkerResponse,
  WorkerSettings,
} from './worker/protocol.js';

/** An error of DuckDB, or of the engine around it. */
export class DuckDbError extends DomainError {
  constructor(
    kind: DomainError['kind'],
    message: string,
    /** DuckDB can no longer be trusted: the engine must be recycled. */
    readonly fatal: boolean,
  ) {
    super(kind, message);
  }
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread that runs DuckDB's blocking calls, one after the other. */
export class DuckDbThread {
  private openStreams = 0;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  /** When the call began that runs now. */
  private callSince = 0;

  /**
   * @param worker of `startThread`
   * @param onFree told when it has answered all calls
   */
  constructor(
    private readonly worker: Worker,
    settings: WorkerSettings,
    onCrash: (error: Error) => void,
    private readonly onFree: () => void,
  ) {
    this.worker.postMessage(settings);
    this.worker.on('message', (response: WorkerResponse) => this.settle(response));
    this.worker.on('error', (error) => {
      const failed = new DuckDbError('internal', `The engine failed: ${messageOf(error)}`, true);
      const told = isShortage(error)
        ? new DuckDbError('resource_exhausted', shortage().message, true)
        : failed;
      for (const { reject } of this.waiting.values()) reject(told);
      this.waiting.clear();
      onCrash(failed);
    });
    // Listening holds the process; a database alone should not.
    this.worker.unref();
  }

  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  /** Calls that have not been answered. */
  get load(): number {
    return this.waiting.size;
  }

  /** Whether it runs a call, and one that has not turned out to be long. What makes a stream's messages is none. */
  isShort(now: number, shortMs: number): boolean {
    return this.load > 0 && this.streams === 0 && now - this.callSince < shortMs;
  }

  /** Result streams that live here. */
  get streams(): number {
    return this.openStreams;
  }

  openStream(): void {
    this.openStreams++;
  }

  closeStream(): void {
    this.openStreams--;
    if (this.openStreams === 0) setImmediate(this.onFree);
  }

  /** Rejects with DuckDbError. */
  call<O extends Operation>(
    operation: O,
    request: Operations[O]['request'],
  ): Promise<Operations[O]['response']> {
    const id = ++this.lastId;
    if (this.load === 0) this.callSince = performance.now();
    return new Promise<Operations[O]['response']>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      this.worker.postMessage({ id, operation, request } satisfies WorkerRequest<O>);
    });
  }

  private settle(response: WorkerResponse): void {
    const waiting = this.waiting.get(response.id);
    this.waiting.delete(response.id);
    if (!waiting) return;
    this.callSince = performance.now();
    if ('failure' in response) {
      const { kind, message, fatal } = response.failure;
      waiting.reject(new DuckDbError(kind, message, fatal));
    } else waiting.resolve(response.value as never);
    // Behind whoever gets the answer: it may be the thread's next call, or make a stream of it.
    if (this.waiting.size === 0) setImmediate(this.onFree);
  }
}

/** A thread's JavaScript, such as the names of a value's fields, has no more room. */
function isShortage(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** A call that waits for a thread. */
interface Queued {
  start(thread: DuckDbThread): void;
}

/** A call that takes longer keeps others from nothing: those behind it get another thread. */
const SHORT_MS = 5;

/**
 * Worker threads for one database. Short statements share few of them, since each wakes cores and keeps caches of its
 * own: of 32 clients with twelve threads each query cost 1.8 ms of CPU, with one 1.3. Calls that have turned out to be
 * long each have one of their own, up to a bound; starting one costs 50 ms of CPU.
 */
export class DuckDbThreads {
  private readonly threads: DuckDbThread[] = [];
  private readonly queue: Queued[] = [];
  private looking: NodeJS.Timeout | undefined;

  constructor(
    private readonly entry: URL,
    private readonly settings: WorkerSettings,
    private readonly limits: {
      /** How many threads there are at most. */
      readonly all: number;
      /** How many of them run short calls at the same time. */
      readonly short: number;
      readonly shortMs?: number;
    },
    private readonly events: {
      readonly onCrash: (error: Error) => void;
      /** Another thread is about to be started. */
      readonly onThread?: (() => void) | undefined;
    },
    /** The first thread, where it has been started already. */
    first?: Worker,
  ) {
    this.add(first ?? startThread(this.entry));
  }

  /** Runs a call on any thread. Rejects with DuckDbError. */
  call<O extends Operation>(
    operation: O,
    request: Operations[O]['request'],
  ): Promise<Operations[O]['response']> {
    return this.callLater(operation, () => request);
  }

  /** As `call`, with the request as `place` takes it. */
  async callLater<O extends Operation>(
    operation: O,
    request: () => Operations[O]['request'],
    signal?: AbortSignal,
  ): Promise<Operations[O]['response']> {
    return (await this.place(operation, request, signal)).response;
  }

  /**
   * As `call`, and tells which thread it was: streams live where they were opened. The request is asked for when there is
   * a thread for it: many may wait, and what each would hold is better left to those that run. A call whose signal has
   * aborted by then is not even begun, and rejects with `cancelled`.
   */
  place<O extends Operation>(
    operation: O,
    request: () => Operations[O]['request'],
    signal?: AbortSignal,
  ): Promise<{ readonly thread: DuckDbThread; readonly response: Operations[O]['response'] }> {
    return new Promise((resolve, reject) => {
      const start = (thread: DuckDbThread) => {
        try {
          if (signal?.aborted) throw new DuckDbError('cancelled', 'The statement was interrupted.', false);
          const called = thread.call(operation, request());
          called.then((response) => resolve({ thread, response }), reject);
        } catch (error) {
          reject(error as Error);
        }
      };
      const free = this.queue.length === 0 && this.hasRoom() ? this.threads.find(isFree) : undefined;
      if (free) return start(free);
      this.queue.push({ start });
      this.lookAgain();
    });
  }

  async terminate(): Promise<void> {
    clearTimeout(this.looking);
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }

  private get shortMs(): number {
    return this.limits.shortMs ?? SHORT_MS;
  }

  /** Whether one more short call may run. */
  private hasRoom(): boolean {
    const now = performance.now();
    return this.threads.filter((thread) => thread.isShort(now, this.shortMs)).length < this.limits.short;
  }

  /** Starts what waits, as far as there are threads for it. */
  private startQueued(): void {
    while (this.queue.length > 0 && this.hasRoom()) {
      const free = this.threads.find(isFree);
      if (!free) return;
      this.queue.shift()?.start(free);
    }
  }

  private lookAgain(): void {
    this.looking ??= setTimeout(() => {
      this.looking = undefined;
      this.startQueued();
      const another = this.queue.length > 0 && this.hasRoom() ? this.another() : undefined;
      if (another) this.queue.shift()?.start(another);
      if (this.queue.length > 0) this.lookAgain();
    }, this.shortMs);
  }

  /** A new thread; where there are enough, one that only waits for readers. Else any that becomes free comes sooner. */
  private another(): DuckDbThread | undefined {
    if (this.threads.length < this.limits.all) return this.grow();
    const idle = this.threads.filter(({ load }) => load === 0);
    return idle.toSorted((one, other) => one.streams - other.streams)[0];
  }

  private grow(): DuckDbThread {
    this.events.onThread?.();
    return this.add(startThread(this.entry));
  }

  private add(worker: Worker): DuckDbThread {
    const { settings, events } = this;
    const thread = new DuckDbThread(worker, settings, events.onCrash, () => this.startQueued());
    this.threads.push(thread);
    return thread;
  }
}

/** Streams are made ahead while nobody asks for more: a call behind that could wait for long. */
function isFree({ load, streams }: DuckDbThread): boolean {
  return load === 0 && streams === 0;
}

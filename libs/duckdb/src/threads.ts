import type { Worker } from 'node:worker_threads';
import { DomainError, messageOf } from '@pondpilot/kernel';
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
      for (const { reject } of this.waiting.values()) reject(failed);
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
    return new Promise<Operations[O]['response']>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      this.worker.postMessage({ id, operation, request } satisfies WorkerRequest<O>);
    });
  }

  private settle(response: WorkerResponse): void {
    const waiting = this.waiting.get(response.id);
    this.waiting.delete(response.id);
    if (!waiting) return;
    if ('failure' in response) {
      const { kind, message, fatal } = response.failure;
      waiting.reject(new DuckDbError(kind, message, fatal));
    } else waiting.resolve(response.value as never);
    // Behind whoever gets the answer: it may be the thread's next call, or make a stream of it.
    if (this.waiting.size === 0) setImmediate(this.onFree);
  }
}

/** A call that waits for a thread. */
interface Queued {
  start(thread: DuckDbThread): void;
}

/** How long calls wait for a thread to become free before there is another one: starting one costs 50 ms of CPU. */
const GROW_AFTER_MS = 5;

/**
 * Worker threads for one database. Short statements share few of them, since each wakes cores and keeps caches of its
 * own; those that find all busy for a while get another one, up to a bound.
 */
export class DuckDbThreads {
  private readonly threads: DuckDbThread[] = [];
  private readonly queue: Queued[] = [];
  private growing: NodeJS.Timeout | undefined;

  constructor(
    private readonly entry: URL,
    private readonly settings: WorkerSettings,
    private readonly limit: number,
    private readonly onCrash: (error: Error) => void,
    /** The first thread, where it has been started already. */
    first?: Worker,
  ) {
    this.grow(first);
  }

  /** Runs a call on any thread. Rejects with DuckDbError. */
  async call<O extends Operation>(
    operation: O,
    request: Operations[O]['request'],
  ): Promise<Operations[O]['response']> {
    return (await this.place(operation, request)).response;
  }

  /** As `call`, and tells which thread it was: streams live where they were opened. */
  place<O extends Operation>(
    operation: O,
    request: Operations[O]['request'],
  ): Promise<{ readonly thread: DuckDbThread; readonly response: Operations[O]['response'] }> {
    return new Promise((resolve, reject) => {
      const start = (thread: DuckDbThread) =>
        void thread.call(operation, request).then((response) => resolve({ thread, response }), reject);
      const free = this.threads.find(isFree);
      if (free) return start(free);
      if (this.threads.length >= this.limit) return start(this.leastBusy());
      this.queue.push({ start });
      this.growing ??= setTimeout(() => this.growForQueue(), GROW_AFTER_MS);
    });
  }

  async terminate(): Promise<void> {
    clearTimeout(this.growing);
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }

  private growForQueue(): void {
    this.growing = undefined;
    this.queue.shift()?.start(this.grow());
    if (this.queue.length === 0) return;
    if (this.threads.length < this.limit) this.growing = setTimeout(() => this.growForQueue(), GROW_AFTER_MS);
    else for (const queued of this.queue.splice(0)) queued.start(this.leastBusy());
  }

  /** A thread has become free. */
  private onFree(thread: DuckDbThread): void {
    if (isFree(thread)) this.queue.shift()?.start(thread);
  }

  private leastBusy(): DuckDbThread {
    return this.threads.reduce((best, thread) => (weight(thread) < weight(best) ? thread : best));
  }

  private grow(worker = startThread(this.entry)): DuckDbThread {
    const { settings, onCrash } = this;
    const thread = new DuckDbThread(worker, settings, onCrash, () => this.onFree(thread));
    this.threads.push(thread);
    return thread;
  }
}

/** Streams are made ahead while nobody asks for more: a call behind that could wait for long. */
function isFree({ load, streams }: DuckDbThread): boolean {
  return load === 0 && streams === 0;
}

/** A running call may block for long; a stream that waits for its reader costs little. */
function weight({ load, streams }: DuckDbThread): number {
  return load * 4 + streams;
}

import { Worker } from 'node:worker_threads';
import { DomainError, messageOf } from '@pondpilot/kernel';
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
  /** Result streams that live here. */
  streams = 0;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(entry: URL, settings: WorkerSettings, onCrash: (error: Error) => void) {
    this.worker = new Worker(entry, {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
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
  }
}

/** Worker threads for one database; grows while all of them are busy, up to a bound. */
export class DuckDbThreads {
  private readonly threads: DuckDbThread[] = [];

  constructor(
    private readonly entry: URL,
    private readonly settings: WorkerSettings,
    private readonly limit: number,
    private readonly onCrash: (error: Error) => void,
  ) {
    this.grow();
  }

  /** The thread with the least to do. */
  pick(): DuckDbThread {
    const idle = this.threads.find((thread) => thread.load === 0 && thread.streams === 0);
    if (idle) return idle;
    if (this.threads.length < this.limit) return this.grow();
    return this.threads.reduce((best, thread) => (weight(thread) < weight(best) ? thread : best));
  }

  async terminate(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }

  private grow(): DuckDbThread {
    const thread = new DuckDbThread(this.entry, this.settings, this.onCrash);
    this.threads.push(thread);
    return thread;
  }
}

/** A running call may block for long; a stream that waits for its reader costs little. */
function weight(thread: DuckDbThread): number {
  return thread.load * 4 + thread.streams;
}

import { DomainError } from '@pondpilot/kernel';
import type { Connection } from './connection.js';

/** A connection that statements use one after the other, each waiting for its turn. */
export class Lane {
  private taken = false;
  private readonly waiting: (() => void)[] = [];
  private retired = false;

  constructor(readonly connection: Connection) {}

  get free(): boolean {
    return !this.taken;
  }

  /** Whether it is the caller's now. */
  tryTake(): boolean {
    if (this.taken || this.retired) return false;
    this.taken = true;
    return true;
  }

  /**
   * Waits for the caller's turn. Rejects with `failed_precondition` when `patienceMs` are over or the lane is
   * retired, and with the signal's reason where it aborts.
   */
  take(patienceMs: number, signal?: AbortSignal): Promise<void> {
    if (this.tryTake()) return Promise.resolve();
    if (this.retired) return Promise.reject(gone());
    return new Promise((resolve, reject) => {
      const leave = (error: unknown) => {
        settle();
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        reject(error as Error);
      };
      const abort = () => leave(signal?.reason);
      const timer = setTimeout(() => leave(busy()), patienceMs);
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const turn = () => {
        settle();
        resolve();
      };
      this.waiting.push(turn);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  give(): void {
    const next = this.waiting.shift();
    if (next) return next();
    this.taken = false;
    if (this.retired) void this.connection.close().catch(() => undefined);
  }

  /** Closes the connection, now or when the statement that runs on it has ended. */
  async retire(): Promise<void> {
    if (this.retired) return;
    this.retired = true;
    if (this.free) await this.connection.close();
  }
}

/** DuckDB does not check what it is given: a closed connection would end the process. */
function gone(): DomainError {
  return new DomainError('failed_precondition', 'The session or transaction has ended. Begin another one.');
}

function busy(): DomainError {
  return new DomainError(
    'failed_precondition',
    'Statements of a transaction, and of a session with temporary tables or variables, run one after the other: another one runs, or its result is still being read. Finish that first.',
  );
}

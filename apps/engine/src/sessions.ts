import type { Database, Session } from '@pondpilot/duckdb';
import type { Clock } from '@pondpilot/kernel';
import { transactionVerb } from './transaction-verb.js';

/** Sessions at the same time; the one that was not used for longest ends when there is one more. */
const LIMIT = 256;

/** A session in use by one statement. */
export interface SessionUse {
  readonly session: Session;
  /** The statement must run where the session's transaction is. */
  readonly onMain: boolean;
  /** To be called once the statement has ended, however it did. */
  ended(): void;
}

interface Entry {
  readonly session: Promise<Session>;
  inTransaction: boolean;
  running: number;
  /** Stops waiting for the end of an idle transaction. */
  disarm: () => void;
}

/** The user's sessions by name; the default session has the empty name and always exists. */
export class Sessions {
  /** In the order of their last use. */
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly transactionIdleMs: number,
    private readonly onClose: (name: string) => void,
  ) {}

  get openTransactions(): number {
    return [...this.entries.values()].filter(({ inTransaction }) => inTransaction).length;
  }

  /** The session for one statement, which is executed or only described; opened where it is not open yet. */
  async use(name: string, sql: string, executes: boolean): Promise<SessionUse> {
    const entry = this.entry(name);
    const verb = transactionVerb(sql);
    const session = await entry.session;
    entry.disarm();
    entry.running++;
    const ended = () => {
      entry.running--;
      if (executes && verb !== undefined) entry.inTransaction = verb === 'begin';
      if (entry.inTransaction && entry.running === 0) this.arm(name, entry);
    };
    return { session, onMain: entry.inTransaction || verb !== undefined, ended };
  }

  /** Closing rolls an open transaction back. The default session is opened anew by the next statement. */
  async close(name: string): Promise<void> {
    const entry = this.entries.get(name);
    this.entries.delete(name);
    entry?.disarm();
    this.onClose(name);
    await (await entry?.session)?.close();
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name) ?? {
      session: this.database.openSession(),
      inTransaction: false,
      running: 0,
      disarm: () => {},
    };
    this.entries.delete(name);
    this.entries.set(name, entry);
    entry.session.catch(() => this.entries.delete(name));
    this.makeRoom();
    return entry;
  }

  /** A transaction that its client forgot holds old data and keeps the engine in use. */
  private arm(name: string, entry: Entry): void {
    entry.disarm = this.clock.after(this.transactionIdleMs, () => {
      entry.inTransaction = false;
      void this.rollBack(name, entry).catch(() => this.close(name));
    });
  }

  private async rollBack(name: string, entry: Entry): Promise<void> {
    if (this.entries.get(name) !== entry) return;
    const result = await (await entry.session).execute('ROLLBACK', { onMain: true });
    await result.close();
  }

  private makeRoom(): void {
    for (const [name, { running }] of this.entries) {
      if (this.entries.size <= LIMIT) return;
      if (name !== '' && running === 0) void this.close(name).catch(() => undefined);
    }
  }
}

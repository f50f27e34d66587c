import type { Database, Session } from '@pondpilot/duckdb';
import type { Clock } from '@pondpilot/kernel';

/** Sessions at the same time; the one that was not used for longest ends when there is one more. */
const LIMIT = 256;

interface Entry {
  readonly session: Promise<Session>;
  usedAt: number;
}

/** The user's sessions by name; the default session has the empty name and always exists. */
export class Sessions {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly onClose: (name: string) => void,
  ) {}

  /** Opens the session where it is not open yet. */
  get(name: string): Promise<Session> {
    const entry = this.entries.get(name) ?? { session: this.database.openSession(), usedAt: 0 };
    entry.usedAt = this.clock.now();
    this.entries.delete(name);
    this.entries.set(name, entry);
    entry.session.catch(() => this.entries.delete(name));
    this.makeRoom();
    return entry.session;
  }

  /** Closing the default session resets it: the next statement opens it anew. */
  async close(name: string): Promise<void> {
    const entry = this.entries.get(name);
    this.entries.delete(name);
    this.onClose(name);
    await (await entry?.session)?.close();
  }

  private makeRoom(): void {
    for (const name of this.entries.keys()) {
      if (this.entries.size <= LIMIT) return;
      if (name !== '') void this.close(name).catch(() => undefined);
    }
  }
}

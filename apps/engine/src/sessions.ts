import type { Database } from '@pondpilot/duckdb';
import { DomainError, type Clock } from '@pondpilot/kernel';
import type { CallOrigin } from './call-origin.js';
import type { Purpose, Transaction } from './transaction.js';
import { UserSession, type SessionUse } from './user-session.js';

/** Sessions at the same time; the one that was not used for longest ends when there is one more. */
const LIMIT = 256;
/** A client whose connection is gone may be back by another one: a network, or a proxy before us, does that. */
const GRACE_MS = 10_000;
const LINGER_MS = 10 * 60_000;
/** When a session ends that nobody closes. */
const UNUSED_MS = 60 * 60_000;
const LOOK_EVERY_MS = 60_000;

export interface SessionsOptions {
  readonly clock: Clock;
  readonly transactionIdleMs: number;
  /** Told of each session that has been closed. */
  readonly onClose: (name: string) => void;
}

interface Entry {
  readonly opened: Promise<UserSession>;
  session: UserSession | undefined;
}

/** The user's sessions by name; the default session has the empty name and always exists. */
export class Sessions {
  /** In the order of their last use. */
  private readonly entries = new Map<string, Entry>();
  private readonly stopLooking: () => void;

  constructor(
    private readonly database: Database,
    private readonly options: SessionsOptions,
  ) {
    this.stopLooking = options.clock.every(LOOK_EVERY_MS, () => this.closeUnused());
  }

  get openTransactions(): number {
    return this.opened().reduce((sum, [, { openTransactions }]) => sum + openTransactions, 0);
  }

  /** The session of that name, opened where it is not open yet. */
  async get(name: string): Promise<UserSession> {
    const entry = this.entries.get(name) ?? this.open(name);
    this.entries.delete(name);
    this.entries.set(name, entry);
    this.makeRoom();
    return entry.opened;
  }

  /** Where one statement runs. Rejects where its transaction is not there any more. */
  async use(
    { session: name, connection }: CallOrigin,
    sql: string,
    purpose: Purpose,
    transaction: Transaction | undefined,
  ): Promise<SessionUse> {
    return (await this.get(name)).use(sql, purpose, connection, transaction);
  }

  /**
   * What a client means that closes its session. The default session stays: others may use it, so that only what this
   * client began is rolled back.
   */
  async close({ session: name, connection }: CallOrigin): Promise<void> {
    if (name !== '') return this.end(name);
    await this.entries.get(name)?.session?.clientGone(connection);
  }

  /** A client's connection is gone: what it began is rolled back, unless it is heard of again soon. */
  connectionClosed(connection: string): void {
    if (connection === '') return;
    const { clock } = this.options;
    clock.after(GRACE_MS, () => void this.clientGone(connection));
    clock.after(LINGER_MS, () => this.endLost(connection));
  }

  dispose(): void {
    this.stopLooking();
  }

  private open(name: string): Entry {
    const { clock, transactionIdleMs } = this.options;
    const opened = this.database
      .openSession()
      .then(
        (session) => (entry.session = new UserSession(session, name === '', { clock, transactionIdleMs })),
      );
    const entry: Entry = { opened, session: undefined };
    opened.catch(() => this.entries.delete(name));
    return entry;
  }

  private opened(): [string, UserSession][] {
    return [...this.entries].flatMap(([name, { session }]) =>
      session ? [[name, session] as const] : [],
    ) as [string, UserSession][];
  }

  private async end(name: string): Promise<void> {
    const entry = this.entries.get(name);
    this.entries.delete(name);
    this.options.onClose(name);
    await (await entry?.opened)?.close();
  }

  private async clientGone(connection: string): Promise<void> {
    for (const [, session] of this.opened()) await session.clientGone(connection).catch(() => undefined);
  }

  private endLost(connection: string): void {
    for (const [name, session] of this.opened())
      if (name !== '' && session.connection === connection && session.running === 0) this.endQuietly(name);
  }

  private closeUnused(): void {
    const oldest = this.options.clock.now() - UNUSED_MS;
    for (const [name, { usedAt, running }] of this.opened())
      if (name !== '' && running === 0 && usedAt < oldest) this.endQuietly(name);
  }

  private makeRoom(): void {
    if (this.entries.size <= LIMIT) return;
    for (const [name, { running }] of this.opened()) {
      if (this.entries.size <= LIMIT) return;
      if (name !== '' && running === 0) this.endQuietly(name);
    }
  }

  private endQuietly(name: string): void {
    void this.end(name).catch(() => undefined);
  }
}

/** The transaction of that id. Throws `not_found` where it is not there. */
export async function transactionOf(
  sessions: Sessions,
  { session }: CallOrigin,
  id: Uint8Array | undefined,
): Promise<Transaction | undefined> {
  if (!id || id.byteLength === 0) return undefined;
  const found = (await sessions.get(session)).transaction(Buffer.from(id).toString('latin1'));
  if (!found)
    throw new DomainError('not_found', 'There is no such transaction: it has ended. Begin another one.');
  return found;
}

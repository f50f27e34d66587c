import { identifier, literal, type Lane, type Session, type StatementOptions } from '@pondpilot/duckdb';
import { DomainError, messageOf } from '@pondpilot/kernel';
import { readRows } from './read-rows.js';
import { statementKind, type StatementKind } from './guard/statement-kind.js';
import { Transaction, type IdleLimit, type Purpose } from './transaction.js';

/** Where one statement runs. */
export interface SessionUse {
  readonly session: Session;
  readonly placement: StatementOptions['placement'];
  readonly inTransaction: boolean;
  /** Throws where the statement may not run when it is its turn. */
  readonly onTurn: (() => void) | undefined;
  /** Aborts when the statement may not go on. */
  readonly signal: AbortSignal | undefined;
  /** To be called once the statement has ended. @param error what it failed with, if it did */
  ended(error?: unknown): Promise<void>;
}

/** A lane that one client connection has for its transactions, one after the other. */
interface Place {
  readonly lane: Lane;
  current: Transaction | undefined;
}

/** Ended transactions that a prepared statement may still name. */
const KEPT_PLACES = 1000;
const CURRENT = `SELECT current_database(), current_schema(), current_setting('TimeZone')`;

/** One session of the user: its transactions, and what its statements have to share. */
export class UserSession {
  /** Statements that run, or whose results are being read. */
  running = 0;
  usedAt: number;
  /** The client connection that used it last. */
  connection = '';
  private readonly transactions = new Map<string, Transaction>();
  /** Of transactions that have ended, where those that followed them are. */
  private readonly places = new Map<string, Place>();
  /** Lanes by client connection. The session of one client has its main lane for all. */
  private readonly lanes = new Map<string, Place>();
  /** The client connection that began a transaction by SQL. */
  private begunBy: string | undefined;
  private keepsToItself = false;
  private disarm = () => {};

  /** @param shared whether several clients use it, who know nothing of each other */
  constructor(
    readonly session: Session,
    private readonly shared: boolean,
    private readonly limit: IdleLimit,
  ) {
    this.usedAt = limit.clock.now();
  }

  get openTransactions(): number {
    const begun = [...this.transactions.values()].filter(({ open }) => open).length;
    return begun + (this.begunBy === undefined ? 0 : 1);
  }

  /** Where a statement runs. Rejects where its transaction is not there any more. */
  async use(
    sql: string,
    purpose: Purpose,
    connection: string,
    transaction: Transaction | undefined,
  ): Promise<SessionUse> {
    const kind = statementKind(sql);
    this.connection = connection;
    if (kind === 'begin' && purpose !== 'describe' && (transaction || this.begunBy !== undefined))
      throw new DomainError(
        'failed_precondition',
        'There is a transaction already. Commit it, or roll it back.',
      );
    if (transaction) return this.within(transaction, kind, purpose, connection);
    this.disarm();
    this.running++;
    const ended = async (error?: unknown) => {
      if (purpose !== 'describe') await this.executed(kind, connection, error);
      this.running--;
      this.usedAt = this.limit.clock.now();
      if (this.begunBy !== undefined && this.running === 0) this.arm();
    };
    const inTransaction = this.begunBy !== undefined;
    return {
      session: this.session,
      placement: this.placement(kind),
      inTransaction,
      onTurn: undefined,
      signal: undefined,
      ended,
    };
  }

  /** Begins a transaction for a client. */
  async begin(connection: string): Promise<Transaction> {
    const place = await this.freePlace(connection);
    const transaction = new Transaction(this.session, place.lane, connection, this.limit);
    place.current = transaction;
    this.transactions.set(transaction.id, transaction);
    this.places.set(transaction.id, place);
    return transaction;
  }

  /** Undefined where it was never begun here, or has ended. */
  transaction(id: string): Transaction | undefined {
    return this.transactions.get(id);
  }

  /** The transaction, or the one that its client began after it: prepared statements outlive transactions. */
  successor(id: string): Transaction | undefined {
    return this.transactions.get(id) ?? this.places.get(id)?.current;
  }

  /** The transaction that the client of this connection is in. */
  currentOf(connection: string): Transaction | undefined {
    return this.lanes.get(connection)?.current;
  }

  /** Rejects with `not_found` for a transaction that is not there, and with DuckDbError where the commit fails. */
  async end(id: string, commit: boolean): Promise<void> {
    const transaction = this.transactions.get(id);
    if (!transaction)
      throw new DomainError('not_found', 'There is no such transaction: it has ended. Begin another one.');
    this.transactions.delete(id);
    try {
      await transaction.end(commit);
    } finally {
      this.release(transaction);
    }
  }

  /** Sets options for all statements from now on. Rejects with DuckDbError where a value is wrong. */
  async set(statement: string): Promise<void> {
    await this.session.run(statement, { placement: this.session.main });
    await this.share();
  }

  /** Catalog, schema and time zone in force. */
  async settings(): Promise<{ catalog: string; schema: string; timeZone: string }> {
    const [[catalog = '', schema = '', timeZone = ''] = []] = await readRows(this.session, CURRENT, {
      placement: this.session.main,
    });
    return { catalog, schema, timeZone };
  }

  /** Rolls back what the client of this connection has begun, and forgets its lane. */
  async clientGone(connection: string): Promise<void> {
    for (const [id, transaction] of this.transactions)
      if (transaction.connection === connection && !transaction.busy) await this.end(id, false);
    const place = this.lanes.get(connection);
    if (place && place.current === undefined) {
      this.lanes.delete(connection);
      if (place.lane !== this.session.main) await place.lane.retire();
    }
    if (this.begunBy === connection && this.running === 0) await this.rollBack();
  }

  /** Closing rolls everything back. */
  async close(): Promise<void> {
    this.disarm();
    for (const { lane } of this.lanes.values()) await lane.retire();
    await this.session.close();
  }

  private async within(
    transaction: Transaction,
    kind: StatementKind,
    purpose: Purpose,
    connection: string,
  ): Promise<SessionUse> {
    transaction.connection = connection;
    await transaction.enter(purpose);
    this.running++;
    const ended = async (error?: unknown) => {
      this.running--;
      this.usedAt = this.limit.clock.now();
      transaction.leave(purpose !== 'describe' && endsTransaction(kind, error));
    };
    const { lane, signal } = transaction;
    const onTurn = () => transaction.requireOpen();
    return { session: this.session, placement: lane, inTransaction: true, onTurn, signal, ended };
  }

  private placement(kind: StatementKind): StatementOptions['placement'] {
    const { main } = this.session;
    // Statements that name no transaction are not part of one that a client began by its API.
    if ([...this.transactions.values()].some(({ lane, open }) => open && lane === main))
      return kind === 'other' ? 'spare' : main;
    return this.begunBy !== undefined || kind !== 'other' || this.keepsToItself ? main : undefined;
  }

  private async executed(kind: StatementKind, connection: string, error: unknown): Promise<void> {
    if (endsTransaction(kind, error)) this.begunBy = undefined;
    if (error !== undefined) return;
    if (kind === 'begin') this.begunBy = connection;
    if (kind === 'temporary') this.keepsToItself = true;
    if (kind === 'settings') await this.share().catch(() => undefined);
  }

  /** Makes the main lane's settings those of all. */
  private async share(): Promise<void> {
    const { catalog, schema, timeZone } = await this.settings();
    this.session.settle([
      `USE ${identifier(catalog)}.${identifier(schema)}`,
      `SET TimeZone = ${literal(timeZone)}`,
    ]);
  }

  private async freePlace(connection: string): Promise<Place> {
    const known = this.lanes.get(connection);
    if (known && known.current === undefined) return known;
    const useMain = !this.shared && this.lanes.size === 0 && this.begunBy === undefined;
    const lane = useMain ? this.session.main : await this.session.openLane();
    const place: Place = { lane, current: undefined };
    if (!known) this.lanes.set(connection, place);
    return place;
  }

  /** Its lane is free for the next one, or closed where its client has another. */
  private release(transaction: Transaction): void {
    const place = this.places.get(transaction.id);
    if (place?.current === transaction) place.current = undefined;
    // Only so many: the oldest go first.
    for (const id of this.places.keys()) {
      if (this.places.size <= KEPT_PLACES) break;
      if (!this.transactions.has(id)) this.places.delete(id);
    }
    const kept = [...this.lanes.values()].some((other) => other === place);
    if (place && !kept && place.lane !== this.session.main) void place.lane.retire().catch(() => undefined);
  }

  private arm(): void {
    this.disarm = this.limit.clock.after(
      this.limit.transactionIdleMs,
      () => void this.rollBack().catch(() => undefined),
    );
  }

  private async rollBack(): Promise<void> {
    this.begunBy = undefined;
    await this.session.run('ROLLBACK', { placement: this.session.main });
  }
}

/** A commit that DuckDB refuses leaves no transaction either; one that never ran leaves it as it was. */
function endsTransaction(kind: StatementKind, error: unknown): boolean {
  return kind === 'end' && (error === undefined || messageOf(error).startsWith('TransactionContext Error'));
}

import {
  DuckDbError,
  isQuery,
  type Compression,
  type Connection,
  type ParameterRows,
  type PreparedStatement,
  type Result,
  type Session,
  type StatementOptions,
} from '@pondpilot/duckdb';
import { DomainError } from '@pondpilot/kernel';
import type { Activity, RunningStatement } from './activity.js';
import type { AttachedDatabases } from './attached-databases.js';
import type { CallOrigin } from './call-origin.js';
import type { Catalog } from './catalog.js';
import type { Descriptions } from './descriptions.js';
import { oneStatement } from './guard/one-statement.js';
import { refuseFunctions } from './guard/refused-functions.js';
import { refuseStatements } from './guard/refused-statements.js';
import type { Sessions } from './sessions.js';
import type { Purpose, Transaction } from './transaction.js';
import { unlessAborted } from './unless-aborted.js';

/** A statement as its client sent it. */
export interface StatementRequest {
  readonly sql: string;
  readonly origin: CallOrigin;
  readonly transaction?: Transaction | undefined;
  /** Values for its parameters, if it has any. */
  readonly parameters?: ParameterRows | undefined;
  /** Of its result's batches; none where it is absent. */
  readonly compression?: Compression | undefined;
  /** Interrupts it. */
  readonly signal: AbortSignal;
  /** The ticket by which it can be cancelled. */
  readonly ticket?: Uint8Array | undefined;
}

/** A statement that runs. */
export interface Execution {
  readonly session: Session;
  readonly options: StatementOptions & { readonly signal: AbortSignal };
  readonly statement: RunningStatement;
  /** Part of a transaction that the client began. */
  readonly inTransaction: boolean;
}

export interface StatementsParts {
  /** Bytes that a statement's text may have. */
  readonly statementBytes: number;
  readonly sessions: Sessions;
  readonly activity: Activity;
  readonly databases: AttachedDatabases;
  readonly catalog: Catalog;
  readonly descriptions: Descriptions;
  /** Told of errors after which DuckDB can't be trusted. */
  readonly onFatal: (error: DuckDbError) => void;
}

/** Runs the user's statements, each where it belongs. Errors are what the user is told. */
export class Statements {
  constructor(private readonly parts: StatementsParts) {}

  /**
   * What must be known of a text before DuckDB sees it. Answers the statement in it, which is what may run. Throws
   * `invalid_argument` and `permission_denied`.
   */
  admit(sql: string): string {
    const { statementBytes } = this.parts;
    const bytes = Buffer.byteLength(sql);
    if (bytes > statementBytes)
      throw new DomainError(
        'invalid_argument',
        `The statement has ${bytes} bytes, and ${statementBytes} are allowed (limits.statement_length). Put data in as parameters, or by bulk ingestion.`,
      );
    const statement = oneStatement(sql);
    refuseStatements(statement);
    refuseFunctions(statement);
    return statement;
  }

  /** What is known of a statement before it runs. */
  async describe(request: StatementRequest): Promise<PreparedStatement> {
    const { sql, parameters } = request;
    const described = await this.parts.descriptions.of(request, () =>
      this.run(request, 'describe', ({ session, options }) => session.describe(sql, options)),
    );
    // Where a column's type hangs on a parameter, only running tells.
    if (!described.unresolved || !parameters || !isQuery(described.type)) return described;
    return { ...described, schema: await this.query(request, async ({ schema }) => schema) };
  }

  /** Runs a query; its result is closed when `use` has ended. */
  query<T>(
    request: StatementRequest,
    use: (result: Result, execution: Execution) => Promise<T>,
    onConnection?: (connection: Connection) => Promise<void>,
  ): Promise<T> {
    return this.run(request, 'query', (execution) => this.execute(request, execution, use, onConnection));
  }

  /** Runs a statement that may change what the user can see. */
  change<T>(
    request: StatementRequest,
    use: (result: Result, execution: Execution) => Promise<T>,
    onConnection?: (connection: Connection) => Promise<void>,
  ): Promise<T> {
    return this.changing(request, (execution) => this.execute(request, execution, use, onConnection));
  }

  /**
   * Runs a statement once for each row of its parameters, all or none; resolves with how many rows that changed. The
   * rows come as they are read.
   */
  changeRows(request: StatementRequest, rows: AsyncIterable<ParameterRows>): Promise<number> {
    return this.atomically(request, async (connection, signal) => {
      let changed = 0;
      const source = rows[Symbol.asyncIterator]();
      for (;;) {
        const next = await unlessAborted(source.next(), signal);
        if (next.done) return changed;
        changed += await connection.executeRows(request.sql, next.value, signal);
      }
    });
  }

  /**
   * Several steps on one connection, all or none. In a transaction of the client's they are part of it; else they are
   * one of their own.
   */
  atomically<T>(
    request: StatementRequest,
    work: (connection: Connection, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.changing(request, ({ session, options, inTransaction }) =>
      session.use(options, async (connection) => {
        if (inTransaction) return work(connection, options.signal);
        await connection.run('BEGIN TRANSACTION');
        try {
          const done = await work(connection, options.signal);
          await connection.run('COMMIT');
          return done;
        } catch (error) {
          await connection.run('ROLLBACK').catch(() => undefined);
          throw error;
        }
      }),
    );
  }

  private async changing<T>(
    request: StatementRequest,
    work: (execution: Execution) => Promise<T>,
  ): Promise<T> {
    // From its middle on others may see it.
    this.parts.catalog.changed();
    try {
      return await this.run(request, 'change', work);
    } finally {
      this.parts.catalog.changed();
    }
  }

  private async execute<T>(
    { sql, parameters, compression }: StatementRequest,
    execution: Execution,
    use: (result: Result, execution: Execution) => Promise<T>,
    onConnection: ((connection: Connection) => Promise<void>) | undefined,
  ): Promise<T> {
    const { session, options } = execution;
    const result = await session.execute(sql, {
      ...options,
      parameters,
      compression,
      ...(onConnection && { onConnection }),
    });
    const interrupt = () => result.cancel();
    options.signal.addEventListener('abort', interrupt, { once: true });
    try {
      return await use(result, execution);
    } finally {
      options.signal.removeEventListener('abort', interrupt);
      await result.close();
    }
  }

  private async run<T>(
    { sql, origin, transaction, signal: from, ticket }: StatementRequest,
    purpose: Purpose,
    work: (execution: Execution) => Promise<T>,
  ): Promise<T> {
    const { sessions, activity, databases, onFatal } = this.parts;
    const use = await sessions.use(origin, sql, purpose, transaction);
    const { session, placement, onTurn, inTransaction, signal: ends } = use;
    const stop = ends ? AbortSignal.any([from, ends]) : from;
    let failure: unknown;
    try {
      return await activity.track(sql, stop, ticket, (signal, statement) =>
        work({
          session,
          options: { signal, placement, onTurn, dictionaries: origin.dictionaries },
          statement,
          inTransaction,
        }),
      );
    } catch (error) {
      failure = error;
      if (error instanceof DuckDbError && error.fatal) onFatal(error);
      throw databases.explain(error, sql);
    } finally {
      await use.ended(failure);
    }
  }
}

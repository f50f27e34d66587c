import { DuckDbError, isQuery, type Result, type Session, type StatementOptions } from '@pondpilot/duckdb';
import { CALL_SECRET_HEADER, SESSION_HEADER } from '@pondpilot/engine-api';
import {
  CancelStatus,
  FlightSqlServer,
  TicketStatementQuerySchema,
  packAny,
  unpackCommand,
  type CommandGetCatalogs,
  type CommandGetDbSchemas,
  type CommandGetSqlInfo,
  type CommandGetTableTypes,
  type CommandGetTables,
  type CommandPreparedStatementQuery,
  type CommandPreparedStatementUpdate,
  type CommandStatementQuery,
  type CommandStatementUpdate,
  type PreparedInfo,
  type ResultInfo,
  type ServerCall,
  type TicketStatementQuery,
} from '@pondpilot/flight-sql';
import { DomainError, secretsEqual } from '@pondpilot/kernel';
import type { Activity, RunningStatement } from './activity.js';
import type { AttachedDatabases } from './attached-databases.js';
import type { Catalog } from './catalog.js';
import type { Claim } from './claim.js';
import { Handles } from './handles.js';
import { requireOneStatement } from './one-statement.js';
import {
  catalogsSchema,
  dbSchemasSchema,
  listCatalogs,
  listDbSchemas,
  listTableTypes,
  listTables,
  sendListed,
  tableTypesSchema,
  tablesSchema,
} from './metadata.js';
import { refuseFunctions } from './refused-functions.js';
import type { Sessions } from './sessions.js';
import { keepResult, sendResult, type StallLimit } from './send-result.js';
import { parameterSchema } from './parameter-schema.js';
import { streamSqlInfo, sqlInfoSchema } from './sql-info.js';

/** A statement that runs when its ticket is redeemed, or the kept result of one that has run. */
type Ticket =
  | { readonly kind: 'query'; readonly session: string; readonly sql: string }
  | { readonly kind: 'done'; readonly session: string; readonly frames: readonly Buffer[] };

interface Prepared {
  readonly session: string;
  readonly sql: string;
}

const TICKET_TIME_MS = 10 * 60_000;
const PREPARED_TIME_MS = 60 * 60_000;
const HANDLES = 10_000;

/** For whom and on which session a statement runs. */
interface StatementContext {
  readonly session: string;
  readonly call: ServerCall;
  readonly ticket?: Uint8Array | undefined;
  /** False where it is only described. */
  readonly executes: boolean;
}

type RequiredOptions = Required<StatementOptions>;

export interface FlightSqlServiceParts extends StallLimit {
  readonly claim: Claim;
  readonly sessions: Sessions;
  readonly activity: Activity;
  readonly databases: AttachedDatabases;
  readonly catalog: Catalog;
  /** Told of errors after which DuckDB can't be trusted. */
  readonly onFatal: (error: DuckDbError) => void;
  readonly duckdbVersion: string;
}

/** Flight SQL on the user's DuckDB. */
export class FlightSqlService extends FlightSqlServer {
  private readonly tickets: Handles<Ticket>;
  private readonly prepared: Handles<Prepared>;

  constructor(private readonly parts: FlightSqlServiceParts) {
    super();
    this.tickets = new Handles('ticket', parts.clock, TICKET_TIME_MS, HANDLES);
    this.prepared = new Handles('prepared statement', parts.clock, PREPARED_TIME_MS, HANDLES);
  }

  /** Forgets what belongs to a session that has been closed. */
  forgetSession(name: string): void {
    this.tickets.removeWhere(({ session }) => session === name);
    this.prepared.removeWhere(({ session }) => session === name);
  }

  protected override authorize(call: ServerCall): void {
    const expected = this.parts.claim.callSecret;
    if (expected === undefined || !secretsEqual(call.header(CALL_SECRET_HEADER) ?? '', expected))
      throw new DomainError('unauthenticated', 'This is an engine: connect to the proxy instead.');
  }

  protected override async statementQuerySchema(
    command: CommandStatementQuery,
    call: ServerCall,
  ): Promise<Uint8Array> {
    return (await this.describe(command.query, call)).schema;
  }

  protected override statementQueryInfo(
    command: CommandStatementQuery,
    call: ServerCall,
  ): Promise<ResultInfo> {
    refuseTransaction(command.transactionId);
    return this.queryInfo(command.query, call);
  }

  protected override preparedStatementQueryInfo(
    command: CommandPreparedStatementQuery,
    call: ServerCall,
  ): Promise<ResultInfo> {
    return this.queryInfo(this.prepared.get(command.preparedStatementHandle).sql, call);
  }

  protected override async preparedStatementQuerySchema(
    command: CommandPreparedStatementQuery,
    call: ServerCall,
  ): Promise<Uint8Array> {
    return (await this.describe(this.prepared.get(command.preparedStatementHandle).sql, call)).schema;
  }

  protected override async streamStatement(ticket: TicketStatementQuery, call: ServerCall): Promise<void> {
    const known = this.tickets.get(ticket.statementHandle);
    if (known.kind === 'done') for (const frame of known.frames) await call.send(frame);
    else await this.streamSql(known.sql, known.session, call, ticket.statementHandle);
  }

  protected override streamQuery(command: CommandStatementQuery, call: ServerCall): Promise<void> {
    refuseTransaction(command.transactionId);
    return this.streamSql(command.query, sessionOf(call), call, undefined);
  }

  protected override statementUpdate(command: CommandStatementUpdate, call: ServerCall): Promise<bigint> {
    refuseTransaction(command.transactionId);
    return this.executeUpdate(command.query, call);
  }

  protected override preparedStatementUpdate(
    c: CommandPreparedStatementUpdate,
    call: ServerCall,
  ): Promise<bigint> {
    return this.executeUpdate(this.prepared.get(c.preparedStatementHandle).sql, call);
  }

  protected override async createPreparedStatement(query: string, call: ServerCall): Promise<PreparedInfo> {
    const described = await this.describe(query, call);
    return {
      handle: this.prepared.add({ session: sessionOf(call), sql: query }),
      datasetSchema: described.countsOnly ? undefined : described.schema,
      parameterSchema: described.parameterCount === 0 ? undefined : parameterSchema(described.parameterCount),
    };
  }

  protected override async closePreparedStatement(handle: Uint8Array): Promise<void> {
    this.prepared.remove(handle);
  }

  protected override async cancel(tickets: readonly Uint8Array[]): Promise<CancelStatus> {
    let cancelled = 0;
    for (const packed of tickets) cancelled += this.parts.activity.interruptTicket(unpackTicket(packed));
    return cancelled > 0 ? CancelStatus.CANCELLED : CancelStatus.NOT_CANCELLABLE;
  }

  protected override closeSession(call: ServerCall): Promise<void> {
    return this.parts.sessions.close(sessionOf(call));
  }

  protected override async catalogsSchema(): Promise<Uint8Array> {
    return catalogsSchema();
  }

  protected override async streamCatalogs(_command: CommandGetCatalogs, call: ServerCall): Promise<void> {
    await this.sendListed(listCatalogs(this.parts.catalog), call);
  }

  protected override async dbSchemasSchema(): Promise<Uint8Array> {
    return dbSchemasSchema();
  }

  protected override async streamDbSchemas(command: CommandGetDbSchemas, call: ServerCall): Promise<void> {
    await this.sendListed(listDbSchemas(this.parts.catalog, command), call);
  }

  protected override async tablesSchema(command: CommandGetTables): Promise<Uint8Array> {
    return tablesSchema(command.includeSchema);
  }

  protected override async streamTables(command: CommandGetTables, call: ServerCall): Promise<void> {
    await this.sendListed(listTables(this.parts.catalog, command), call);
  }

  protected override async tableTypesSchema(): Promise<Uint8Array> {
    return tableTypesSchema();
  }

  protected override async streamTableTypes(_command: CommandGetTableTypes, call: ServerCall): Promise<void> {
    await sendListed(listTableTypes(), call);
  }

  protected override sqlInfoSchema(): Promise<Uint8Array> {
    return sqlInfoSchema();
  }

  protected override streamSqlInfo(command: CommandGetSqlInfo, call: ServerCall): Promise<void> {
    return streamSqlInfo(command.info, this.parts.duckdbVersion, call);
  }

  private async sendListed(listed: ReturnType<typeof listCatalogs>, call: ServerCall): Promise<void> {
    try {
      await sendListed(await listed, call);
    } catch (error) {
      throw this.parts.databases.explain(error, '');
    }
  }

  private describe(sql: string, call: ServerCall) {
    screen(sql);
    return this.onSession(sql, { session: sessionOf(call), call, executes: false }, (session, options) =>
      session.describe(sql, options),
    );
  }

  /**
   * A query only gets its schema and a ticket now and runs when the ticket is redeemed. All else runs now, once, and
   * its result is kept: clients that never fetch it expect it done, and those that do must not run it again.
   */
  private async queryInfo(sql: string, call: ServerCall): Promise<ResultInfo> {
    const { type, schema } = await this.describe(sql, call);
    const session = sessionOf(call);
    const ticket: Ticket = isQuery(type)
      ? { kind: 'query', session, sql }
      : { kind: 'done', session, frames: await this.change(sql, call, keepResult) };
    return { schema, ticket: packTicket(this.tickets.add(ticket)) };
  }

  private async executeUpdate(sql: string, call: ServerCall): Promise<bigint> {
    screen(sql);
    return this.change(sql, call, async ({ rowsChanged }) => BigInt(rowsChanged));
  }

  /** Executes a statement that may change what the user can see. */
  private change<T>(sql: string, call: ServerCall, use: (result: Result) => Promise<T>): Promise<T> {
    return this.onSession(
      sql,
      { session: sessionOf(call), call, executes: true },
      async (session, options) => {
        const result = await session.execute(sql, options);
        try {
          return await use(result);
        } finally {
          await result.close();
          this.parts.catalog.changed();
        }
      },
    );
  }

  private async streamSql(
    sql: string,
    sessionName: string,
    call: ServerCall,
    ticket: Uint8Array | undefined,
  ): Promise<void> {
    screen(sql);
    const where = { session: sessionName, call, ticket, executes: true };
    await this.onSession(sql, where, async (session, options, statement) => {
      const { signal } = options;
      const result = await session.execute(sql, options);
      const interrupt = () => result.cancel();
      signal.addEventListener('abort', interrupt, { once: true });
      try {
        await sendResult(result, call, statement, signal, this.parts);
      } finally {
        signal.removeEventListener('abort', interrupt);
        await result.close();
      }
    });
  }

  private async onSession<T>(
    sql: string,
    { session: name, call, ticket, executes }: StatementContext,
    work: (session: Session, options: RequiredOptions, statement: RunningStatement) => Promise<T>,
  ): Promise<T> {
    const { session, onMain, ended } = await this.parts.sessions.use(name, sql, executes);
    try {
      return await this.parts.activity.track(sql, call.signal, ticket, (signal, statement) =>
        work(session, { signal, onMain }, statement),
      );
    } catch (error) {
      if (error instanceof DuckDbError && error.fatal) this.parts.onFatal(error);
      throw this.parts.databases.explain(error, sql);
    } finally {
      ended();
    }
  }
}

/** What must be known of a text before DuckDB sees it. */
function screen(sql: string): void {
  requireOneStatement(sql);
  refuseFunctions(sql);
}

function sessionOf(call: ServerCall): string {
  return call.header(SESSION_HEADER) ?? '';
}

function packTicket(statementHandle: Uint8Array): Uint8Array {
  return packAny(TicketStatementQuerySchema, { statementHandle });
}

function unpackTicket(packed: Uint8Array): Uint8Array {
  const command = unpackCommand(packed);
  return command.name === 'TicketStatementQuery' ? command.message.statementHandle : new Uint8Array();
}

function refuseTransaction(transactionId: Uint8Array | undefined): void {
  if (transactionId && transactionId.byteLength > 0)
    throw new DomainError('not_found', 'There is no such transaction.');
}

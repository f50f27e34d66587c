import { isQuery, type ParameterRows } from '@pondpilot/duckdb';
import {
  CommandStatementQuerySchema,
  CommandStatementUpdateSchema,
  DoPutUpdateResultSchema,
  TicketStatementQuerySchema,
  command,
  encode,
  type Handlers,
  type PollAnswer,
  type ResultInfo,
  type ServerCall,
} from '@pondpilot/flight-sql';
import { DomainError } from '@pondpilot/kernel';
import { originOf } from '../call-origin.js';
import { compressionOf } from '../compression.js';
import { PolledQuery } from '../polled-query.js';
import { keepResult, sendResult } from '../send-result.js';
import { transactionOf } from '../sessions.js';
import type { StatementRequest } from '../statements.js';
import { handleIn, pack, type TicketRequest } from '../tickets.js';
import type { CommandParts } from './parts.js';

/** How long a poll waits for the query before it answers that it still runs. */
const POLL_MS = 500;

/** Statements as text, and the tickets of all statements. */
export function statementCommands(parts: CommandParts): Handlers {
  const asked = (query: string, id: Uint8Array | undefined, call: ServerCall) =>
    requestOf(parts, query, id, call);
  return {
    commands: [
      command({
        message: CommandStatementQuerySchema,
        schema: async ({ query, transactionId }, call) =>
          (await parts.statements.describe(await asked(query, transactionId, call))).schema,
        info: async ({ query, transactionId }, call) =>
          queryInfo(parts, await asked(query, transactionId, call)),
        poll: async ({ query, transactionId }, call) =>
          pollFirst(parts, await asked(query, transactionId, call)),
        stream: async ({ query, transactionId }, call) =>
          streamQuery(parts, await asked(query, transactionId, call), call),
      }),
      command({
        message: TicketStatementQuerySchema,
        poll: ({ statementHandle }) => pollAgain(parts, statementHandle),
        stream: ({ statementHandle }, call) => redeem(parts, statementHandle, call),
      }),
      command({
        message: CommandStatementUpdateSchema,
        put: async ({ query, transactionId }, _input, call) =>
          updateResult(await update(parts, await asked(query, transactionId, call))),
      }),
    ],
  };
}

/** A statement of a call, in the transaction that it names. */
export async function requestOf(
  { sessions, statements }: CommandParts,
  text: string,
  transactionId: Uint8Array | undefined,
  call: ServerCall,
): Promise<StatementRequest> {
  const sql = statements.admit(text);
  const origin = originOf(call);
  const transaction = await transactionOf(sessions, origin, transactionId);
  return { sql, origin, transaction, signal: call.signal };
}

/**
 * A query only gets its schema and a ticket now and runs when the ticket is redeemed. All else runs now, once, and its
 * result is kept: clients that never fetch it expect it done, and those that do must not run it again.
 */
export async function queryInfo(parts: CommandParts, request: StatementRequest): Promise<ResultInfo> {
  const { type, schema } = await parts.statements.describe(request);
  const ticket = isQuery(type)
    ? parts.tickets.add({ kind: 'query', request: withoutCall(request) })
    : await runAndKeep(parts, request);
  return { schema, ticket };
}

/** Resolves with the number of changed rows. */
export async function update({ statements }: CommandParts, request: StatementRequest): Promise<number> {
  return statements.change(request, async ({ rowsChanged }) => rowsChanged);
}

/** The PutResult of an update. */
export function updateResult(rows: number): Uint8Array {
  return encode(DoPutUpdateResultSchema, { recordCount: BigInt(rows) });
}

/** PollFlightInfo: the query runs from now on, whether it is asked about again or not. */
export async function pollFirst(parts: CommandParts, request: StatementRequest): Promise<PollAnswer> {
  const { type, schema } = await parts.statements.describe(request);
  if (!isQuery(type) || (request.parameters?.rows.length ?? 1) > 1)
    return { ...(await queryInfo(parts, request)), next: undefined, progress: 1 };
  const kept = withoutCall(request);
  const start = (ticket: Uint8Array) => new PolledQuery(parts.statements, { ...kept, ticket }, parts.clock);
  const ticket = parts.tickets.addNamed((handle) => ({
    kind: 'polled',
    request: kept,
    query: start(handle),
    schema,
  }));
  return pollAgain(parts, handleIn(ticket));
}

/** Throws `not_found` where the ticket is none of a polled query. */
async function pollAgain({ tickets }: CommandParts, handle: Uint8Array): Promise<PollAnswer> {
  const ticket = tickets.get(handle);
  if (ticket.kind !== 'polled')
    throw new DomainError('not_found', 'This ticket is ready: redeem it by DoGet.');
  const { query, schema } = ticket;
  const packed = pack(handle);
  const there = await query.wait(POLL_MS);
  return there
    ? { schema, ticket: packed, next: undefined, progress: 1 }
    : { schema, ticket: undefined, next: packed, progress: query.progress };
}

async function redeem(parts: CommandParts, handle: Uint8Array, call: ServerCall): Promise<void> {
  const ticket = parts.tickets.get(handle);
  if (ticket.kind === 'done') {
    for (const frame of ticket.frames) await call.send(frame);
    return;
  }
  const polled = ticket.kind === 'polled' ? ticket.query.take() : undefined;
  if (ticket.kind !== 'polled' || !polled)
    return streamQuery(parts, { ...ticket.request, signal: call.signal, ticket: handle }, call);
  const { result, execution } = polled;
  const stop = () => result.cancel();
  call.signal.addEventListener('abort', stop, { once: true });
  try {
    await sendResult(result, call, execution.statement, call.signal, parts);
  } finally {
    call.signal.removeEventListener('abort', stop);
    await ticket.query.release();
  }
}

/** Runs a query, once for each row of its parameters, and sends what comes as one result. */
async function streamQuery(parts: CommandParts, request: StatementRequest, call: ServerCall): Promise<void> {
  const compression = compressionOf(call, parts.resultCompression);
  for (const parameters of eachRow(request.parameters))
    await parts.statements.query({ ...request, parameters, compression }, (result, { statement, options }) =>
      sendResult(result, call, statement, options.signal, parts),
    );
}

async function runAndKeep(parts: CommandParts, request: StatementRequest): Promise<Uint8Array> {
  const frames: Buffer[] = [];
  for (const parameters of eachRow(request.parameters)) {
    const [schema, ...batches] = await parts.statements.change({ ...request, parameters }, keepResult);
    frames.push(...(frames.length === 0 && schema ? [schema] : []), ...batches);
  }
  return parts.tickets.add({ kind: 'done', session: request.origin.session, frames });
}

function eachRow(parameters: ParameterRows | undefined): (ParameterRows | undefined)[] {
  if (!parameters || parameters.rows.length <= 1) return [parameters];
  return parameters.rows.map((row) => ({ ...parameters, rows: [row] }));
}

function withoutCall({ signal: _signal, ticket: _ticket, ...request }: StatementRequest): TicketRequest {
  return request;
}

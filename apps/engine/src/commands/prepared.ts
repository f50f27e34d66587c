import { readParameterChunks, readParameters, type ParameterRows } from '@pondpilot/duckdb';
import {
  ActionClosePreparedStatementRequestSchema,
  ActionCreatePreparedStatementRequestSchema,
  ActionCreatePreparedStatementResultSchema,
  CommandPreparedStatementQuerySchema,
  CommandPreparedStatementUpdateSchema,
  DoPutPreparedStatementResultSchema,
  action,
  command,
  encapsulate,
  encode,
  type Handlers,
  type IpcMessage,
  type ServerCall,
} from '@pondpilot/flight-sql';
import { DomainError } from '@pondpilot/kernel';
import { originOf } from '../call-origin.js';
import { IpcBatches, joinIpcStream } from '../ipc-messages.js';
import type { Prepared } from '../prepared-statements.js';
import type { StatementRequest } from '../statements.js';
import { upload } from '../upload.js';
import type { CommandParts } from './parts.js';
import { pollFirst, queryInfo, requestOf, update, updateResult } from './statements.js';

/** Bytes of parameters that may be bound to one query. */
const BOUND_BYTES = 16 * 1024 * 1024;
const BOUND_ROWS = 100_000;

/** Prepared statements: made, bound, run and closed. */
export function preparedCommands(parts: CommandParts): Handlers {
  const { prepared } = parts;
  return {
    commands: [
      command({
        message: CommandPreparedStatementQuerySchema,
        schema: async ({ preparedStatementHandle: handle }, call) =>
          (await parts.statements.describe(await bound(parts, prepared.get(handle), call))).schema,
        info: async ({ preparedStatementHandle: handle }, call) =>
          queryInfo(parts, await bound(parts, prepared.get(handle), call)),
        poll: async ({ preparedStatementHandle: handle }, call) =>
          pollFirst(parts, await bound(parts, prepared.get(handle), call)),
        put: async ({ preparedStatementHandle }, input, call) => {
          await bind(parts, prepared.get(preparedStatementHandle), upload(input, call.signal, parts));
          return encode(DoPutPreparedStatementResultSchema, { preparedStatementHandle });
        },
      }),
      command({
        message: CommandPreparedStatementUpdateSchema,
        put: async ({ preparedStatementHandle: handle }, input, call) =>
          updateResult(
            await updateRows(parts, prepared.get(handle), upload(input, call.signal, parts), call),
          ),
      }),
    ],
    actions: [
      action({
        type: 'CreatePreparedStatement',
        description: 'Prepares a statement. Body: ActionCreatePreparedStatementRequest in an Any.',
        request: ActionCreatePreparedStatementRequestSchema,
        response: ActionCreatePreparedStatementResultSchema,
        run: async ({ query, transactionId }, call) =>
          prepare(parts, await requestOf(parts, query, transactionId, call)),
      }),
      action({
        type: 'ClosePreparedStatement',
        description: 'Closes a prepared statement. Body: ActionClosePreparedStatementRequest in an Any.',
        request: ActionClosePreparedStatementRequestSchema,
        run: async ({ preparedStatementHandle }) => prepared.close(preparedStatementHandle),
      }),
    ],
  };
}

async function prepare({ statements, prepared }: CommandParts, request: StatementRequest) {
  const { sql, origin, transaction } = request;
  const { countsOnly, schema, parameterSchema } = await statements.describe(request);
  return {
    preparedStatementHandle: prepared.add({ session: origin.session, sql, transaction: transaction?.id }),
    // Unset where no rows come back: clients tell queries from updates by it.
    ...(!countsOnly && { datasetSchema: encapsulate(schema) }),
    ...(parameterSchema && { parameterSchema: encapsulate(parameterSchema) }),
  };
}

/** The prepared statement as one to run, in the transaction that its client has now. */
async function bound(parts: CommandParts, statement: Prepared, call: ServerCall): Promise<StatementRequest> {
  const origin = { ...originOf(call), session: statement.session };
  const session = await parts.sessions.get(statement.session);
  const transaction =
    statement.transaction === undefined ? undefined : session.successor(statement.transaction);
  return { sql: statement.sql, origin, transaction, parameters: statement.parameters, signal: call.signal };
}

async function bind(
  { prepared }: CommandParts,
  statement: Prepared,
  input: AsyncIterable<IpcMessage>,
): Promise<void> {
  const messages: IpcMessage[] = [];
  let bytes = 0;
  for await (const message of input) {
    messages.push(message);
    bytes += message.header.byteLength + message.body.byteLength;
    if (bytes > BOUND_BYTES)
      throw new DomainError(
        'resource_exhausted',
        `The parameters of a query may have ${BOUND_BYTES} bytes. Put more rows into a table, and join it.`,
      );
  }
  if (messages.length > 0)
    prepared.bind(statement, await readParameters(joinIpcStream(messages), BOUND_ROWS), bytes);
}

/** A batch without columns means once; one with columns means once for each row. */
async function updateRows(
  parts: CommandParts,
  statement: Prepared,
  input: AsyncIterable<IpcMessage>,
  call: ServerCall,
): Promise<number> {
  const request = await bound(parts, statement, call);
  const rows = parameterRows(input)[Symbol.asyncIterator]();
  const first = await rows.next();
  const parameters = first.done ? request.parameters : first.value;
  if (!parameters || parameters.names.length === 0) return update(parts, request);
  const rest = first.done ? [parameters] : following(parameters, rows);
  return parts.statements.changeRows({ ...request, parameters: undefined }, toAsync(rest));
}

async function* parameterRows(input: AsyncIterable<IpcMessage>): AsyncGenerator<ParameterRows> {
  const batches = new IpcBatches();
  for await (const message of input) {
    const stream = batches.push(message);
    if (stream) yield* readParameterChunks(stream);
  }
  const empty = batches.schemaAlone();
  if (empty) yield* readParameterChunks(empty);
}

async function* following(
  first: ParameterRows,
  rest: AsyncIterator<ParameterRows>,
): AsyncGenerator<ParameterRows> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* toAsync<T>(values: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

import { parentPort } from 'node:worker_threads';
import { DomainError, messageOf } from '@pondpilot/kernel';
import { loadDuckDb, type DuckDbApi, type Pointer } from '../native/api.js';
import { Scratch } from '../native/memory.js';
import { shortage } from '../shortage.js';
import { ArrowScan } from './arrow-scan.js';
import { StatementFailed, type Failure } from './failure.js';
import { openDatabase } from './open-database.js';
import type {
  OpenedResult,
  Operation,
  Operations,
  Statement,
  WorkerRequest,
  WorkerResponse,
  WorkerSettings,
} from './protocol.js';
import { ResultStream } from './result-stream.js';
import { Statements } from './statements.js';

/** Of the first message, the settings: what is slow to load has been loaded until it comes. */
let api: DuckDbApi;
let statements: Statements;
const streams = new Map<number, ResultStream>();
const out = new Scratch(8);
let lastStream = 0;
const scans = new Map<number, ArrowScan>();
let lastScan = 0;

const handlers: { [O in Operation]: (request: Operations[O]['request']) => Operations[O]['response'] } = {
  prepare({ connection, sql, dictionaries, replaces }) {
    if (replaces !== 0) statements.closePrepared(replaces);
    return statements.prepare(connection, sql, dictionaries);
  },
  closePrepared({ prepared }) {
    statements.closePrepared(prepared);
    return null;
  },
  open,
  executeRows({ connection, statement, parameters }) {
    const prepared = preparedOf(connection, statement);
    try {
      return { rowsChanged: statements.executeRows(prepared, parameters) };
    } finally {
      statements.closePrepared(prepared);
    }
  },
  next({ stream, slot }) {
    const result = streams.get(stream);
    if (!result) return null;
    const message = result.next(slot);
    if (!message || message.last) closeStream(stream);
    return message ?? null;
  },
  close({ stream }) {
    closeStream(stream);
    return null;
  },
  run({ connection, sql }) {
    statements.run(connection, sql);
    return null;
  },
  openArrow({ database, name, schema, source, batchBytes }) {
    const scan = new ArrowScan(statements, database, name, schema, source, batchBytes);
    scans.set(++lastScan, scan);
    return { scan: lastScan, columns: scan.columns.map((column) => column.name), view: scan.view };
  },
  runArrow: ({ scan, connection, sql }) => scanOf(scan).run(connection, sql),
  writeArrow: ({ scan, connection, header, memory, bodyBytes, sql }) =>
    scanOf(scan).write(connection, header, memory, bodyBytes, sql),
  flushArrow: ({ scan, connection, sql }) => scanOf(scan).flush(connection, sql),
  closeArrow({ scan }) {
    scans.get(scan)?.close();
    scans.delete(scan);
    return null;
  },
  connect({ database }) {
    if (api.duckdb_connect(database, out.pointer) !== 0)
      throw new StatementFailed({ kind: 'internal', message: 'DuckDB gave no connection.', fatal: true });
    return out.word(0);
  },
  disconnect({ connection }) {
    out.setWord(0, connection);
    api.duckdb_disconnect(out.pointer);
    return null;
  },
  openDatabase: ({ path, settings }) => openDatabase(api, path, settings),
};

function preparedOf(connection: Pointer, statement: Statement): Pointer {
  if ('prepared' in statement) return statement.prepared;
  return statements.prepareOnly(connection, statement.sql, statement.dictionaries);
}

function open(request: Operations['open']['request']): OpenedResult {
  const { connection, statement, parameters, compression, slot } = request;
  const prepared = preparedOf(connection, statement);
  try {
    if (parameters) statements.bind(prepared, parameters, 0);
  } catch (error) {
    statements.closePrepared(prepared);
    throw error;
  }
  const stream = new ResultStream(
    statements,
    connection,
    statements.execute(prepared),
    prepared,
    compression,
  );
  try {
    const first = stream.next(slot);
    const { schema, rowsChanged } = stream;
    if (!first || first.last) {
      stream.close();
      return { stream: 0, schema, rowsChanged, first };
    }
    streams.set(++lastStream, stream);
    return { stream: lastStream, schema, rowsChanged, first };
  } catch (error) {
    stream.close();
    throw error;
  }
}

function scanOf(id: number): ArrowScan {
  const scan = scans.get(id);
  if (scan) return scan;
  throw new DomainError('failed_precondition', 'The Arrow input has been closed.');
}

function closeStream(id: number): void {
  streams.get(id)?.close();
  streams.delete(id);
}

function failureFrom(error: unknown): Failure {
  if (error instanceof StatementFailed) return error.failure;
  if (error instanceof DomainError) return { kind: error.kind, message: error.message, fatal: false };
  if (error instanceof RangeError) return failureFrom(shortage());
  return { kind: 'internal', message: `The engine failed: ${messageOf(error)}`, fatal: true };
}

parentPort?.once('message', ({ duckdbLibrary }: WorkerSettings) => {
  api = loadDuckDb(duckdbLibrary);
  statements = new Statements(api);
  parentPort?.on('message', answer);
});

function answer({ id, operation, request }: WorkerRequest): void {
  let response: WorkerResponse;
  try {
    const handle = handlers[operation] as (request: unknown) => Operations[Operation]['response'];
    response = { id, value: handle(request) };
  } catch (error) {
    response = { id, failure: failureFrom(error) };
  }
  parentPort?.postMessage(response);
  if ('value' in response) prefetch(operation, request, response.value);
}

/** Works ahead while the message that was just posted is on its way. */
function prefetch(
  operation: Operation,
  request: WorkerRequest['request'],
  value: Operations[Operation]['response'],
): void {
  if (operation === 'open') streams.get((value as OpenedResult).stream)?.prefetch();
  if (operation === 'next') streams.get((request as Operations['next']['request']).stream)?.prefetch();
}

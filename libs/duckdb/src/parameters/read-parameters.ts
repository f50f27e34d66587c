import { DomainError, messageOf } from '@pondpilot/kernel';
import { tableFromIPC, type RecordBatch, type Table } from 'apache-arrow';
import { checkData } from './check-data.js';
import { parameterType } from './from-arrow-type.js';
import { readValue } from './from-arrow-value.js';
import type { ParameterRows } from './parameter-type.js';

/** Rows that are made of a batch at a time: as JavaScript's values they take many times their bytes. */
const CHUNK_ROWS = 5000;

/**
 * The rows of an Arrow IPC stream as parameters, some at a time; without rows at least once, for the names. Throws
 * `invalid_argument` where the stream is malformed and `unimplemented` where DuckDB has no such type.
 */
export function* readParameterChunks(ipcStream: Uint8Array): Generator<ParameterRows> {
  const { schema, batches } = parse(ipcStream);
  const types = schema.fields.map(parameterType);
  const names = schema.fields.map(({ name }) => name);
  let given = false;
  // Rows without columns say nothing: the statement runs once.
  for (const batch of names.length === 0 ? [] : batches) {
    checkBatch(batch);
    for (let start = 0; start < batch.numRows; start += CHUNK_ROWS) {
      given = true;
      yield { names, types, rows: rowsOf(batch, start, Math.min(start + CHUNK_ROWS, batch.numRows)) };
    }
  }
  if (!given) yield { names, types, rows: [] };
}

/** All rows at once. Throws as `readParameterChunks`, and `resource_exhausted` where they are more than `mostRows`. */
export function readParameters(ipcStream: Uint8Array, mostRows: number): ParameterRows {
  const chunks: ParameterRows[] = [];
  let rows = 0;
  for (const chunk of readParameterChunks(ipcStream)) {
    chunks.push(chunk);
    rows += chunk.rows.length;
    if (rows > mostRows)
      throw new DomainError(
        'resource_exhausted',
        `More than ${mostRows} rows of parameters came for one query. Put them into a table, and join it.`,
      );
  }
  const [{ names, types }] = chunks as [ParameterRows];
  return { names, types, rows: chunks.flatMap((chunk) => chunk.rows) };
}

function checkBatch({ data, numRows }: RecordBatch): void {
  for (const column of data.children) checkData(column, numRows);
}

function parse(ipcStream: Uint8Array): Table {
  try {
    return tableFromIPC(ipcStream);
  } catch (cause) {
    throw malformed(cause);
  }
}

function rowsOf({ data }: RecordBatch, start: number, end: number): ParameterRows['rows'] {
  try {
    return Array.from({ length: end - start }, (_, row) =>
      data.children.map((column) => readValue(column, start + row)),
    );
  } catch (cause) {
    throw cause instanceof DomainError ? cause : malformed(cause);
  }
}

function malformed(cause: unknown): DomainError {
  const [, type] = /Unrecognized type: "?(\w+)/.exec(messageOf(cause)) ?? [];
  if (type !== undefined)
    return new DomainError(
      'unimplemented',
      `Parameters of Arrow's type ${type} are not taken: send them plain.`,
    );
  return new DomainError('invalid_argument', 'The parameters are no valid Arrow stream.', { cause });
}

import { DomainError, messageOf } from '@pondpilot/kernel';
import { tableFromIPC, type RecordBatch, type Table } from 'apache-arrow';
import { parameterType } from './from-arrow-type.js';
import { readValue } from './from-arrow-value.js';
import type { ParameterRows } from './parameter-type.js';

/**
 * The rows of an Arrow IPC stream as parameters. Throws `invalid_argument` where the stream is malformed and
 * `unimplemented` where DuckDB has no such type.
 */
export function readParameters(ipcStream: Uint8Array): ParameterRows {
  const { schema, batches } = parse(ipcStream);
  const types = schema.fields.map(parameterType);
  const names = schema.fields.map(({ name }) => name);
  try {
    return { names, types, rows: batches.flatMap(rowsOf) };
  } catch (cause) {
    throw cause instanceof DomainError ? cause : malformed(cause);
  }
}

function parse(ipcStream: Uint8Array): Table {
  try {
    return tableFromIPC(ipcStream);
  } catch (cause) {
    throw malformed(cause);
  }
}

function rowsOf({ data, numRows }: RecordBatch): ParameterRows['rows'] {
  return Array.from({ length: numRows }, (_, row) => data.children.map((column) => readValue(column, row)));
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

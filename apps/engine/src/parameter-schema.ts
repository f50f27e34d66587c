import { Field, Null, Schema, Table, tableToIPC } from 'apache-arrow';
import { splitIpcStream } from './ipc-messages.js';

/** The schema of `count` parameters whose types are not known: one field each, of type null. */
export function parameterSchema(count: number): Uint8Array | undefined {
  const fields = Array.from({ length: count }, (_, index) => new Field(String(index + 1), new Null(), true));
  return splitIpcStream(tableToIPC(new Table(new Schema(fields)), 'stream'))[0]?.header;
}

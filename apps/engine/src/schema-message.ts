import { Table, tableToIPC, type Schema } from 'apache-arrow';
import { splitIpcStream } from './ipc-messages.js';

/** The flatbuffer `Message` of a schema. */
export function schemaMessage(schema: Schema): Uint8Array {
  return splitIpcStream(tableToIPC(new Table(schema), 'stream'))[0]?.header ?? new Uint8Array();
}

import type { Result } from '@pondpilot/duckdb';
import { tableFromIPC, type Table } from 'apache-arrow';
import { joinIpcStream } from './ipc-messages.js';

/** A result as a whole; whoever asked for it closes it. Rejects with DuckDbError. */
export async function readTable(result: Result): Promise<Table> {
  const messages = [{ header: result.schema, body: new Uint8Array() }];
  for (let message = await result.next(); message; message = await result.next()) {
    const { buffer, headerStart, headerBytes, bodyStart, bodyBytes } = message;
    messages.push({
      header: Uint8Array.from(buffer.subarray(headerStart, headerStart + headerBytes)),
      body: Uint8Array.from(buffer.subarray(bodyStart, bodyStart + bodyBytes)),
    });
    message.release();
  }
  return tableFromIPC(joinIpcStream(messages));
}

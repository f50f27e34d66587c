import type { Result, Session, StatementOptions } from '@pondpilot/duckdb';
import { tableFromIPC, type Table } from 'apache-arrow';
import { joinIpcStream } from './ipc-messages.js';

/** The rows of a statement whose columns are all text. Rejects with DuckDbError. */
export async function readRows(
  session: Session,
  sql: string,
  options: StatementOptions = {},
): Promise<(string | undefined)[][]> {
  const result = await session.execute(sql, options);
  try {
    const table = await readTable(result);
    return table
      .toArray()
      .map((row) =>
        [...(row as Iterable<[string, unknown]>)].map(([, value]) =>
          value === null ? undefined : String(value),
        ),
      );
  } finally {
    await result.close();
  }
}

async function readTable(result: Result): Promise<Table> {
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

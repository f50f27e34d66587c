import { frameFlightData, type ServerCall } from '@pondpilot/flight-sql';
import {
  Field,
  RecordBatch,
  Struct,
  Table,
  Utf8,
  makeData,
  tableToIPC,
  vectorFromArray,
  type Data,
  type DataType,
  type Schema,
} from 'apache-arrow';
import { splitIpcStream } from '../ipc-messages.js';

/** A result that is known in full: its Arrow schema, and a column of JavaScript values for each field. */
export interface Listed {
  readonly schema: Schema;
  readonly columns: readonly (readonly unknown[])[];
}

export const utf8 = (name: string, nullable: boolean): Field<Utf8> => new Field(name, new Utf8(), nullable);

/** Sends a listed result as FlightData; the caller ends the call. */
export async function sendListed({ schema, columns }: Listed, call: ServerCall): Promise<void> {
  const length = columns[0]?.length ?? 0;
  const children = schema.fields.map(({ type }, index) => dataOf(columns[index] ?? [], type));
  await sendTable(schema, children, length, call);
}

/** Sends one batch of these columns as FlightData. */
export async function sendTable(
  schema: Schema,
  children: readonly Data[],
  length: number,
  call: ServerCall,
): Promise<void> {
  const struct = makeData({ type: new Struct(schema.fields), length, children: [...children] });
  const table = new Table(schema, [new RecordBatch(schema, struct)]);
  for (const { header, body } of splitIpcStream(tableToIPC(table, 'stream')))
    await call.send(frameFlightData(header, body));
}

/** Values of one type; null where there is none. */
export function dataOf(values: readonly unknown[], type: DataType): Data {
  return vectorFromArray([...values] as never[], type).data[0] ?? makeData({ type, length: 0 } as never);
}

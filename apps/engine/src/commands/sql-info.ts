import {
  Bool,
  DenseUnion,
  Field,
  Int32,
  Int64,
  List,
  Map_,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Uint32,
  Utf8,
  makeData,
  tableToIPC,
  vectorFromArray,
  type Data,
} from 'apache-arrow';
import {
  CommandGetSqlInfoSchema,
  command,
  frameFlightData,
  type Handlers,
  type ServerCall,
} from '@pondpilot/flight-sql';
import { splitIpcStream } from '../ipc-messages.js';
import type { CommandParts } from './parts.js';

type Value = string | boolean | bigint | number | readonly string[];

/** Ids of the Flight SQL specification (SqlInfo), and what is true of this server. */
function facts(duckdbVersion: string): ReadonlyMap<number, Value> {
  return new Map<number, Value>([
    [0, 'PondPilot Proxy'],
    [1, duckdbVersion],
    [2, '1.5'], // version of the Arrow columnar format
    [3, false], // read only
    [4, true], // SQL
    [5, false], // Substrait
    [8, 1], // transactions by action, without savepoints
    [9, true], // cancelling
    [10, true], // bulk ingestion
    [500, false], // DDL on catalogs
    [501, true], // DDL on schemas
    [502, true], // DDL on tables
    [503, 3], // unquoted identifiers: case insensitive, kept as written
    [504, '"'],
    [505, 3],
    [506, true],
    [507, 2], // nulls sort at the end
    [513, '\\'],
    [515, true],
    [516, true],
    [518, true],
    [519, false],
    [520, true],
    [521, true],
    [523, true],
    [524, true],
    [529, 'schema'],
    [531, 'database'],
    [532, true],
    [539, true],
  ]);
}

/** Children of the value union, in the order of the specification. */
const LIST = new List(new Field('item', new Utf8(), true));
const ENTRIES = new Struct<{ key: Int32; value: List<Int32> }>([
  new Field('key', new Int32(), false),
  new Field('value', new List(new Field('item', new Int32(), true)), true),
]);
const VALUE_TYPES = [
  new Field('string_value', new Utf8(), true),
  new Field('bool_value', new Bool(), true),
  new Field('bigint_value', new Int64(), true),
  new Field('int32_bitmask', new Int32(), true),
  new Field('string_list', LIST, true),
  new Field('int32_to_int32_list_map', new Map_(new Field('entries', ENTRIES, false)), true),
] as const;
const VALUE = new DenseUnion(
  VALUE_TYPES.map((_, index) => index),
  [...VALUE_TYPES],
);
const SCHEMA = new Schema([new Field('info_name', new Uint32(), false), new Field('value', VALUE, false)]);

/** What kind of server this is. */
export function sqlInfoCommands({ duckdbVersion }: CommandParts): Handlers {
  return {
    commands: [
      command({
        message: CommandGetSqlInfoSchema,
        schema: async () =>
          splitIpcStream(tableToIPC(new Table(SCHEMA), 'stream'))[0]?.header ?? new Uint8Array(),
        stream: ({ info }, call) => streamSqlInfo(info, duckdbVersion, call),
      }),
    ],
  };
}

/** Sends the asked facts, or all where none is asked for. Unknown ids are left out. */
async function streamSqlInfo(ids: readonly number[], duckdbVersion: string, call: ServerCall): Promise<void> {
  const all = [...facts(duckdbVersion)];
  const asked = ids.length === 0 ? all : all.filter(([id]) => ids.includes(id));
  for (const { header, body } of splitIpcStream(tableToIPC(sqlInfoTable(asked), 'stream')))
    await call.send(frameFlightData(header, body));
}

function sqlInfoTable(rows: readonly (readonly [number, Value])[]): Table {
  const kinds = rows.map(([, value]) => kindOf(value));
  const offsets = kinds.map((kind, row) => kinds.slice(0, row).filter((other) => other === kind).length);
  const children = VALUE_TYPES.map((field, kind) => {
    const values = rows.filter((_, row) => kinds[row] === kind).map(([, value]) => value);
    return vectorFromArray(values, field.type).data[0] ?? makeData({ type: field.type, length: 0 } as never);
  });
  const names = vectorFromArray(
    rows.map(([id]) => id),
    new Uint32(),
  ).data[0] as Data;
  const value = makeData({
    type: VALUE,
    length: rows.length,
    typeIds: Int8Array.from(kinds),
    valueOffsets: Int32Array.from(offsets),
    children,
  });
  const struct = makeData({ type: new Struct(SCHEMA.fields), length: rows.length, children: [names, value] });
  return new Table(SCHEMA, [new RecordBatch(SCHEMA, struct)]);
}

function kindOf(value: Value): number {
  if (typeof value === 'string') return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'bigint') return 2;
  return typeof value === 'number' ? 3 : 4;
}

import {
  Bool,
  DenseUnion,
  Field,
  Int32,
  Int64,
  List,
  Map_,
  Schema,
  Struct,
  Uint32,
  Utf8,
  makeData,
} from 'apache-arrow';
import { CommandGetSqlInfoSchema, command, type Handlers, type ServerCall } from '@pondpilot/flight-sql';
import { schemaMessage } from '../schema-message.js';
import { dataOf, sendTable } from './metadata-result.js';
import type { CommandParts } from './parts.js';
import { sqlInfoFacts, type SqlInfoValue } from './sql-info-facts.js';

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

const KEYWORDS_ID = 508;

/** What kind of server this is. */
export function sqlInfoCommands({ duckdbVersion, catalog }: CommandParts): Handlers {
  return {
    commands: [
      command({
        message: CommandGetSqlInfoSchema,
        schema: async () => schemaMessage(SCHEMA),
        stream: async ({ info }, call) => {
          const isAsked = (id: number) => info.length === 0 || info.includes(id);
          const keywords = isAsked(KEYWORDS_ID) ? await catalog.keywords() : [];
          await sendFacts(
            [...sqlInfoFacts(duckdbVersion, keywords)].filter(([id]) => isAsked(id)),
            call,
          );
        },
      }),
    ],
  };
}

async function sendFacts(
  rows: readonly (readonly [number, SqlInfoValue])[],
  call: ServerCall,
): Promise<void> {
  const kinds = rows.map(([, value]) => kindOf(value));
  const offsets = kinds.map((kind, row) => kinds.slice(0, row).filter((other) => other === kind).length);
  const children = VALUE_TYPES.map(({ type }, kind) =>
    dataOf(
      rows.filter((_, row) => kinds[row] === kind).map(([, value]) => value),
      type,
    ),
  );
  const value = makeData({
    type: VALUE,
    length: rows.length,
    typeIds: Int8Array.from(kinds),
    valueOffsets: Int32Array.from(offsets),
    children,
  });
  const ids = rows.map(([id]) => id);
  await sendTable(SCHEMA, [dataOf(ids, new Uint32()), value], rows.length, call);
}

/** The place of a value's type in the union. */
function kindOf(value: SqlInfoValue): number {
  if (typeof value === 'string' || value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'bigint') return 2;
  if (typeof value === 'number') return 3;
  return value instanceof Map ? 5 : 4;
}

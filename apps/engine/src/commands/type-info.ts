import { CommandGetXdbcTypeInfoSchema, command, type Handlers } from '@pondpilot/flight-sql';
import { Bool, Field, Int32, List, Schema, Utf8, type DataType } from 'apache-arrow';
import { XDBC_TYPES, type XdbcType } from '../xdbc-types.js';
import { schemaMessage } from '../schema-message.js';
import { sendListed, type Listed } from './metadata-result.js';

const NULLABLE = 1;
const SEARCHABLE_FULL = 3;

/** A column of the result: its name and type, what it holds, and whether that may be null. */
type TypeInfoColumn = readonly [
  name: string,
  type: DataType,
  nullable: boolean,
  value: (type: XdbcType) => unknown,
];

const PARAMETERS = new List(new Field('item', new Utf8(), false));

const COLUMNS: readonly TypeInfoColumn[] = [
  ['type_name', new Utf8(), false, ({ name }) => name],
  ['data_type', new Int32(), false, ({ code }) => code],
  ['column_size', new Int32(), true, ({ size }) => size ?? null],
  ['literal_prefix', new Utf8(), true, ({ quotes }) => quotes?.[0] ?? null],
  ['literal_suffix', new Utf8(), true, ({ quotes }) => quotes?.[1] ?? null],
  ['create_params', PARAMETERS, true, ({ parameters }) => parameters ?? null],
  ['nullable', new Int32(), false, () => NULLABLE],
  ['case_sensitive', new Bool(), false, ({ caseSensitive }) => caseSensitive ?? false],
  ['searchable', new Int32(), false, () => SEARCHABLE_FULL],
  ['unsigned_attribute', new Bool(), true, ({ unsigned }) => unsigned ?? null],
  ['fixed_prec_scale', new Bool(), false, () => false],
  ['auto_increment', new Bool(), true, ({ radix }) => (radix === undefined ? null : false)],
  ['local_type_name', new Utf8(), true, ({ name }) => name],
  ['minimum_scale', new Int32(), true, ({ scales }) => scales?.[0] ?? null],
  ['maximum_scale', new Int32(), true, ({ scales }) => scales?.[1] ?? null],
  ['sql_data_type', new Int32(), false, ({ code, sqlCode }) => sqlCode ?? code],
  ['datetime_subcode', new Int32(), true, ({ subcode }) => subcode ?? null],
  ['num_prec_radix', new Int32(), true, ({ radix }) => radix ?? null],
  ['interval_precision', new Int32(), true, () => null],
];
const SCHEMA = new Schema(COLUMNS.map(([name, type, nullable]) => new Field(name, type, nullable)));

/** What types there are, for XDBC clients. */
export function typeInfoCommands(): Handlers {
  return {
    commands: [
      command({
        message: CommandGetXdbcTypeInfoSchema,
        schema: async () => schemaMessage(SCHEMA),
        stream: ({ dataType }, call) => sendListed(listTypes(dataType), call),
      }),
    ],
  };
}

function listTypes(code: number | undefined): Listed {
  const types = XDBC_TYPES.filter((type) => code === undefined || type.code === code);
  return { schema: SCHEMA, columns: COLUMNS.map(([, , , value]) => types.map(value)) };
}

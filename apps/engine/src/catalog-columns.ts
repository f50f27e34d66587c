import { identifier, literal, type Session } from '@pondpilot/duckdb';
import { Field, Schema, tableFromIPC } from 'apache-arrow';
import { joinIpcStream } from './ipc-messages.js';
import { readRows } from './read-rows.js';
import { schemaMessage } from './schema-message.js';
import { xdbcTypeOf } from './xdbc-types.js';

interface TableName {
  readonly catalog: string;
  readonly schema: string;
  readonly name: string;
}

/** What DuckDB knows of a column beyond its Arrow type. */
export interface ColumnFacts {
  readonly column: string;
  /** As DuckDB writes it, `DECIMAL(9,2)`. */
  readonly type: string;
  readonly nullable: boolean;
  readonly precision: string | undefined;
  readonly scale: string | undefined;
  readonly autoIncrement: boolean;
  readonly readOnly: boolean;
}

/** The schema message of a table without any. */
export const NO_COLUMNS = schemaMessage(new Schema([]));

/** Up to so many tables only their columns are read, else those of all databases. */
const BY_NAME_TABLES = 100;

/** Columns of tables by the tables' qualified names. */
export async function readColumnFacts(
  session: Session,
  tables: readonly TableName[],
): Promise<ReadonlyMap<string, ColumnFacts[]>> {
  const names = tables.length > BY_NAME_TABLES ? [] : tables.map(({ name }) => literal(name));
  const rows = await readRows(
    session,
    `SELECT c.database_name, c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable::VARCHAR,
      c.numeric_precision, c.numeric_scale, (c.column_default LIKE 'nextval(%')::VARCHAR, d.readonly::VARCHAR
    FROM duckdb_columns() c JOIN duckdb_databases() d USING (database_name)
    WHERE NOT c.internal ${names.length > 0 ? `AND c.table_name IN (${names.join(', ')})` : ''}`,
  );
  const facts = new Map<string, ColumnFacts[]>();
  for (const row of rows) {
    const table = row
      .slice(0, 3)
      .map((part = '') => identifier(part))
      .join('.');
    const known = facts.get(table);
    if (known) known.push(factsOf(row));
    else facts.set(table, [factsOf(row)]);
  }
  return facts;
}

function factsOf(row: (string | undefined)[]): ColumnFacts {
  const [column = '', type = '', nullable, precision, scale, autoIncrement, readOnly] = row.slice(3);
  return {
    column,
    type,
    nullable: nullable !== 'false',
    precision,
    scale,
    autoIncrement: autoIncrement === 'true',
    readOnly: readOnly === 'true',
  };
}

/**
 * The schema message of a table with Flight SQL's column metadata on its fields, and NOT NULL as their nullability.
 * Without facts, the message as it is.
 */
export function withColumnFacts(
  message: Uint8Array,
  table: TableName,
  facts: readonly ColumnFacts[] | undefined,
): Uint8Array {
  if (!facts || message.byteLength === 0) return message;
  const known = new Map(facts.map((each) => [each.column, each]));
  const { fields, metadata } = tableFromIPC(
    joinIpcStream([{ header: message, body: new Uint8Array() }]),
  ).schema;
  const told = fields.map((field) => {
    const each = known.get(field.name);
    if (!each) return field;
    const added = new Map([...field.metadata, ...metadataOf(table, each)]);
    return new Field(field.name, field.type, each.nullable, added);
  });
  return schemaMessage(new Schema(told, metadata));
}

/** Keys and values of the Flight SQL specification; `1` and `0` stand for yes and no. */
function metadataOf(table: TableName, facts: ColumnFacts): [string, string][] {
  const { type, autoIncrement, readOnly } = facts;
  const known = xdbcTypeOf(type);
  const isDecimal = known?.name === 'DECIMAL';
  const values: Readonly<Record<string, string | undefined>> = {
    CATALOG_NAME: table.catalog,
    SCHEMA_NAME: table.schema,
    TABLE_NAME: table.name,
    TYPE_NAME: isDecimal || known?.name === 'ENUM' ? known.name : type,
    PRECISION: isDecimal ? facts.precision : known?.size?.toString(),
    SCALE: isDecimal ? facts.scale : known?.scales?.[1].toString(),
    IS_AUTO_INCREMENT: flag(autoIncrement),
    IS_CASE_SENSITIVE: flag(known?.caseSensitive === true),
    IS_READ_ONLY: flag(readOnly),
    IS_SEARCHABLE: flag(true),
  };
  return Object.entries(values).flatMap(([key, value]): [string, string][] =>
    value === undefined ? [] : [[`ARROW:FLIGHT:SQL:${key}`, value]],
  );
}

const flag = (yes: boolean) => (yes ? '1' : '0');

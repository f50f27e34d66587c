import type { DuckDbApi, Pointer } from '../native/api.js';
import { TypeId, holds, ownText, readLogicalType, withChildren, type LogicalType } from './logical-type.js';

/**
 * Types that Arrow has no match for and DuckDB's converter makes something else of: it drops the offset of a
 * TIME WITH TIME ZONE, gives BIT and BIGNUM as DuckDB's own bytes, and refuses VARIANT. They are sent as text, which
 * DuckDB's casts make.
 */
const TEXT_TYPES: ReadonlyMap<number, { readonly name: string; readonly sql: string }> = new Map([
  [TypeId.TIME_TZ, { name: 'TIME WITH TIME ZONE', sql: 'VARCHAR' }],
  [TypeId.BIT, { name: 'BIT', sql: 'VARCHAR' }],
  [TypeId.BIGNUM, { name: 'BIGNUM', sql: 'VARCHAR' }],
  [TypeId.VARIANT, { name: 'VARIANT', sql: 'JSON' }],
]);
const TEXT_IDS: ReadonlySet<number> = new Set(TEXT_TYPES.keys());
const ENUM_IDS: ReadonlySet<number> = new Set([TypeId.ENUM]);

/** Names of DuckDB's types without parameters, as SQL has them, by `duckdb_type`. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'BOOLEAN',
  2: 'TINYINT',
  3: 'SMALLINT',
  4: 'INTEGER',
  5: 'BIGINT',
  6: 'UTINYINT',
  7: 'USMALLINT',
  8: 'UINTEGER',
  9: 'UBIGINT',
  10: 'FLOAT',
  11: 'DOUBLE',
  12: 'TIMESTAMP',
  13: 'DATE',
  14: 'TIME',
  15: 'INTERVAL',
  16: 'HUGEINT',
  17: 'VARCHAR',
  18: 'BLOB',
  20: 'TIMESTAMP_S',
  21: 'TIMESTAMP_MS',
  22: 'TIMESTAMP_NS',
  27: 'UUID',
  31: 'TIMESTAMPTZ',
  32: 'UHUGEINT',
  36: '"NULL"',
  39: 'TIME_NS',
  40: 'GEOMETRY',
};

/** A column of a statement's result. */
export interface ResultColumn {
  readonly name: string;
  readonly type: LogicalType;
  /** The type in SQL, with text for what has to be text; empty where it stays as it is. */
  readonly sql: string;
}

/** Whether a type, or one within it, is sent as text. */
export function holdsTextType(type: LogicalType): boolean {
  return holds(type, TEXT_IDS);
}

/** The first type in it that is sent as text. */
export function textTypeName(type: LogicalType): string | undefined {
  const own = TEXT_TYPES.get(type.id)?.name;
  return own ?? type.children.map(textTypeName).find((name) => name !== undefined);
}

/** `textEnums`: ENUMs become text too. */
export function resultColumn(api: DuckDbApi, name: string, type: Pointer, textEnums: boolean): ResultColumn {
  const read = readLogicalType(api, type);
  const asIs = !holdsTextType(read) && !(textEnums && holds(read, ENUM_IDS));
  return { name, type: read, sql: asIs ? '' : sqlType(api, type, textEnums) };
}

/** The query of a query that has the same rows, with text for what has to be text. */
export function asText(sql: string, columns: readonly ResultColumn[]): string {
  const selected = columns.map(
    (column, index) => `${expression(column, `c${index}`)} AS ${quoted(column.name)}`,
  );
  // The name of a column may be there twice: they get others, by their places.
  const names = columns.map((_, index) => `c${index}`);
  // The query comes first, so that lines in DuckDB's messages are the client's.
  return `FROM (${sql}\n) AS result(${names.join(', ')}) SELECT ${selected.join(', ')}`;
}

function expression({ type, sql }: ResultColumn, column: string): string {
  if (sql === '') return column;
  const cast = `CAST(${column} AS ${sql})`;
  // DuckDB makes the text 'null' of a VARIANT that is NULL.
  return type.id === TypeId.VARIANT ? `CASE WHEN ${column} IS NOT NULL THEN ${cast} END` : cast;
}

function sqlType(api: DuckDbApi, type: Pointer, textEnums: boolean): string {
  const id = api.duckdb_get_type_id(type);
  if (textEnums && id === TypeId.ENUM) return 'VARCHAR';
  const own = TEXT_TYPES.get(id)?.sql ?? simpleType(api, type, id);
  if (own !== undefined) return own;
  return withChildren(api, type, (children) => {
    const [first = '', ...rest] = children.map((child) => sqlType(api, child.type, textEnums));
    if (id === TypeId.LIST) return `${first}[]`;
    if (id === TypeId.ARRAY) return `${first}[${api.duckdb_array_type_array_size(type)}]`;
    if (id === TypeId.MAP) return `MAP(${first}, ${rest[0] ?? ''})`;
    const members = children.map(({ name }, index) => {
      const member = [first, ...rest][index] ?? '';
      // Those of a row(…) have no names, and such a type can't be written.
      return `${quoted(name === '' ? `v${index + 1}` : name)} ${member}`;
    });
    return `${id === TypeId.UNION ? 'UNION' : 'STRUCT'}(${members.join(', ')})`;
  });
}

function simpleType(api: DuckDbApi, type: Pointer, id: number): string | undefined {
  if (id === TypeId.VARCHAR && aliasOf(api, type) === 'JSON') return 'JSON';
  if (id === TypeId.DECIMAL)
    return `DECIMAL(${api.duckdb_decimal_width(type)}, ${api.duckdb_decimal_scale(type)})`;
  if (id !== TypeId.ENUM) return NAMES[id];
  const values = Array.from({ length: api.duckdb_enum_dictionary_size(type) }, (_, index) =>
    ownText(api, api.duckdb_enum_dictionary_value(type, index)),
  );
  return `ENUM(${values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')})`;
}

function aliasOf(api: DuckDbApi, type: Pointer): string {
  return ownText(api, api.duckdb_logical_type_get_alias(type));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

import type { DuckDbApi, Pointer } from '../native/api.js';
import { Scratch } from '../native/memory.js';
import { isQuery } from '../statement-type.js';
import { StatementFailed } from './failure.js';
import { ownText, type LogicalType } from './logical-type.js';
import { asText, holdsTextType, resultColumn, textTypeName, type ResultColumn } from './text-types.js';

/** What prepares statements. */
interface Preparer {
  readonly api: DuckDbApi;
  prepareText(connection: Pointer, sql: string): Pointer;
  closePrepared(prepared: Pointer): void;
}

/**
 * Prepares a statement, or where some of its columns can only be sent as text, another one that has them so. The text
 * must hold the statement alone, without semicolons: it becomes a subquery as it stands, and is never cut, since a part
 * of a text or name would become SQL.
 * `textEnums`: the ENUMs of queries are sent as text too. Throws StatementFailed, before anything ran, where what must be
 * text is in no query.
 */
export function readable(preparer: Preparer, connection: Pointer, sql: string, textEnums: boolean): Pointer {
  const prepared = preparer.prepareText(connection, sql);
  let cast: Pointer | undefined;
  try {
    cast = castOf(preparer, connection, sql, prepared, textEnums);
  } catch (error) {
    preparer.closePrepared(prepared);
    throw error;
  }
  if (cast === undefined) return prepared;
  preparer.closePrepared(prepared);
  return cast;
}

/** Undefined where the statement can stay as it is. */
function castOf(
  preparer: Preparer,
  connection: Pointer,
  sql: string,
  prepared: Pointer,
  textEnums: boolean,
): Pointer | undefined {
  const columns = columnsOf(preparer.api, prepared, textEnums);
  if (columns.every((column) => column.sql === '')) return undefined;
  const query = isQuery(preparer.api.duckdb_prepared_statement_type(prepared));
  const cast = query ? prepareAsText(preparer, connection, sql, columns) : undefined;
  const odd = columns.find(({ type }) => holdsTextType(type));
  if (cast === undefined && odd) throw mustBeText(odd.name, odd.type);
  return cast;
}

/** The error for a column that can't be sent as it is. */
export function mustBeText(column: string, type: LogicalType): StatementFailed {
  const name = textTypeName(type) ?? 'type without a match in Arrow';
  return new StatementFailed({
    kind: 'unimplemented',
    message: `Column "${column}" holds a ${name}, which only a query can give as it is. Cast it to VARCHAR.`,
    fatal: false,
  });
}

function columnsOf(api: DuckDbApi, prepared: Pointer, textEnums: boolean): ResultColumn[] {
  const count = api.duckdb_prepared_statement_column_count(prepared);
  return Array.from({ length: count }, (_, index) => {
    const holder = Scratch.take(8);
    holder.setWord(0, api.duckdb_prepared_statement_column_logical_type(prepared, index));
    try {
      const name = ownText(api, api.duckdb_prepared_statement_column_name(prepared, index));
      return resultColumn(api, name, holder.word(0), textEnums);
    } finally {
      api.duckdb_destroy_logical_type(holder.pointer);
      holder.free();
    }
  });
}

/** Undefined where the other statement is none, e.g. since it is nested too deep. */
function prepareAsText(
  preparer: Preparer,
  connection: Pointer,
  sql: string,
  columns: readonly ResultColumn[],
): Pointer | undefined {
  try {
    return preparer.prepareText(connection, asText(sql, columns));
  } catch (error) {
    if (error instanceof StatementFailed && error.failure.kind === 'invalid_argument') return undefined;
    throw error;
  }
}

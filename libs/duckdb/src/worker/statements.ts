import { readSchema, ARROW_SCHEMA } from '../arrow/read-schema.js';
import { encodeSchemaMessage } from '../arrow/schema-message.js';
import type { Field } from '../arrow/field.js';
import type { DuckDbApi, Pointer } from '../native/api.js';
import { callRelease } from '../native/call.js';
import { Scratch, cString, free, readCString } from '../native/memory.js';
import type { ParameterRows } from '../parameters/parameter-type.js';
import { StatementType, isChange, refusalOf } from '../statement-type.js';
import { refined } from './arrow-types.js';
import { bindRow, columnsFor, parameterNames } from './bind.js';
import { StatementFailed, failureOf } from './failure.js';
import { TypeId, readLogicalType, type LogicalType } from './logical-type.js';
import { inMilliseconds } from './parameter-times.js';
import { NativeValues } from './native-values.js';
import type { PreparedStatement } from './protocol.js';
import { mustBeText, readable } from './readable.js';
import { holdsTextType } from './text-types.js';

/** Where a column's name and logical type come from: a prepared statement, or a result. */
interface ColumnSource {
  readonly count: number;
  /** A C string that the caller owns, or that DuckDB keeps. */
  readonly name: (index: number) => Pointer;
  readonly type: (index: number) => Pointer;
  readonly ownsNames: boolean;
}

/** The Arrow schema of columns, as a struct field whose children they are, and their types. */
export interface ColumnSchema {
  readonly root: Field;
  readonly types: readonly LogicalType[];
}

/** Prepares statements and reads schemas, on whatever thread it is made in. */
export class Statements {
  private readonly out = new Scratch(8);
  private readonly native: NativeValues;

  constructor(readonly api: DuckDbApi) {
    this.native = new NativeValues(api);
  }

  /**
   * Prepares exactly one statement. What DuckDB itself splits into several (PIVOT) has its first parts executed.
   * Throws StatementFailed.
   */
  prepare(connection: Pointer, sql: string, dictionaries: boolean): PreparedStatement {
    const prepared = this.prepareOnly(connection, sql, dictionaries);
    try {
      return this.describe(connection, prepared);
    } catch (error) {
      this.closePrepared(prepared);
      throw error;
    }
  }

  closePrepared(prepared: Pointer): void {
    this.out.setWord(0, prepared);
    this.api.duckdb_destroy_prepare(this.out.pointer);
  }

  /** Runs a statement whose result nobody wants. */
  run(connection: Pointer, sql: string): void {
    const result = Scratch.take(48);
    const state = this.api.duckdb_query(connection, sql, result.pointer);
    const message = state === 0 ? null : this.api.duckdb_result_error(result.pointer);
    this.api.duckdb_destroy_result(result.pointer);
    result.free();
    if (state !== 0) throw new StatementFailed(failureOf(message));
  }

  resultColumns(result: Pointer): ColumnSource {
    return {
      count: this.api.duckdb_column_count(result),
      name: (index) => this.api.duckdb_column_name(result, index),
      type: (index) => this.api.duckdb_column_logical_type(result, index),
      ownsNames: false,
    };
  }

  /** Throws StatementFailed for types that Arrow has no match for, and DomainError for those unknown here. */
  schemaOf(options: Pointer, columns: ColumnSource): ColumnSchema {
    const { count } = columns;
    const types = Scratch.take(Math.max(count, 1) * 8);
    const names = Scratch.take(Math.max(count, 1) * 8);
    const schema = Scratch.take(ARROW_SCHEMA.size);
    for (let i = 0; i < count; i++) {
      types.setWord(i * 8, columns.type(i));
      names.setWord(i * 8, columns.name(i));
    }
    try {
      const logical = Array.from({ length: count }, (_, i) => readLogicalType(this.api, types.word(i * 8)));
      const odd = logical.findIndex(holdsTextType);
      if (odd >= 0) throw mustBeText(readCString(names.word(odd * 8)), logical[odd]!);
      this.check(
        this.api.duckdb_to_arrow_schema(options, types.pointer, names.pointer, count, schema.pointer),
      );
      try {
        const root = readSchema(schema.pointer);
        const children = root.children.map((field, i) => refined(field, logical[i]!));
        return { root: { ...root, children }, types: logical };
      } finally {
        callRelease(schema.word(ARROW_SCHEMA.release), schema.pointer);
      }
    } finally {
      for (let i = 0; i < count; i++) {
        this.api.duckdb_destroy_logical_type(types.pointer + i * 8);
        if (columns.ownsNames) this.api.duckdb_free(names.word(i * 8));
      }
      types.free();
      names.free();
      schema.free();
    }
  }

  /** Throws what a `duckdb_error_data` says, if it says anything; frees it. */
  check(error: Pointer): void {
    if (error === 0) return;
    const message = this.api.duckdb_error_data_has_error(error)
      ? this.api.duckdb_error_data_message(error)
      : undefined;
    this.out.setWord(0, error);
    this.api.duckdb_destroy_error_data(this.out.pointer);
    if (message !== undefined) throw new StatementFailed(failureOf(message));
  }

  /** Calls `use` with the connection's Arrow options. */
  withArrowOptions<T>(connection: Pointer, use: (options: Pointer) => T): T {
    const holder = Scratch.take(8);
    this.api.duckdb_connection_get_arrow_options(connection, holder.pointer);
    try {
      return use(holder.word(0));
    } finally {
      this.api.duckdb_destroy_arrow_options(holder.pointer);
      holder.free();
    }
  }

  /** As `prepare`, for callers that need no description. */
  prepareOnly(connection: Pointer, sql: string, dictionaries: boolean): Pointer {
    return readable(this, connection, sql, !dictionaries);
  }

  /** The statement as it is, whatever its columns are. */
  prepareText(connection: Pointer, sql: string): Pointer {
    const count = this.api.duckdb_extract_statements(connection, sql, this.out.pointer);
    const extracted = this.out.word(0);
    try {
      if (count === 0) {
        const message = extracted === 0 ? null : this.api.duckdb_extract_statements_error(extracted);
        throw new StatementFailed(
          message ? failureOf(message) : failureOf('Parser Error: there is no statement to run'),
        );
      }
      for (let i = 0; i < count - 1; i++) this.executePreliminary(connection, extracted, i, sql);
      return this.prepareExtracted(connection, extracted, count - 1);
    } finally {
      this.out.setWord(0, extracted);
      this.api.duckdb_destroy_extracted(this.out.pointer);
    }
  }

  private prepareExtracted(connection: Pointer, extracted: Pointer, index: number): Pointer {
    const state = this.api.duckdb_prepare_extracted_statement(connection, extracted, index, this.out.pointer);
    const prepared = this.out.word(0);
    if (state === 0) return this.allowed(prepared);
    const message = this.api.duckdb_prepare_error(prepared);
    this.closePrepared(prepared);
    throw new StatementFailed(failureOf(message));
  }

  /** The statement, unless its kind is none for users. */
  private allowed(prepared: Pointer): Pointer {
    const refusal = refusalOf(this.api.duckdb_prepared_statement_type(prepared));
    if (refusal === undefined) return prepared;
    this.closePrepared(prepared);
    throw new StatementFailed({ kind: 'permission_denied', message: refusal, fatal: false });
  }

  /** Binds one row of parameters. Throws StatementFailed; the prepared statement stays open. */
  bind(prepared: Pointer, parameters: ParameterRows, row: number): void {
    const columns = columnsFor(parameterNames(this.api, prepared), parameters.names);
    bindRow(this.api, this.native, prepared, parameters, row, columns);
  }

  /** Executes once for each row and answers how many rows that changed. Throws StatementFailed. */
  executeRows(prepared: Pointer, parameters: ParameterRows): number {
    const columns = columnsFor(parameterNames(this.api, prepared), parameters.names);
    const result = Scratch.take(48);
    let changed = 0;
    try {
      parameters.rows.forEach((_, row) => {
        bindRow(this.api, this.native, prepared, parameters, row, columns);
        const state = this.api.duckdb_execute_prepared(prepared, result.pointer);
        const message = state === 0 ? null : this.api.duckdb_result_error(result.pointer);
        changed += this.api.duckdb_rows_changed(result.pointer);
        this.api.duckdb_destroy_result(result.pointer);
        if (state !== 0) throw new StatementFailed(failureOf(message));
      });
    } finally {
      result.free();
    }
    return changed;
  }

  /** Executes; answers the memory of the result. Closes the prepared statement and throws where it fails. */
  execute(prepared: Pointer): Scratch {
    const result = Scratch.take(48);
    if (this.api.duckdb_execute_prepared_streaming(prepared, result.pointer) === 0) return result;
    const failure = failureOf(this.api.duckdb_result_error(result.pointer));
    this.closeResult(result);
    this.closePrepared(prepared);
    throw new StatementFailed(failure);
  }

  closeResult(result: Scratch): void {
    this.api.duckdb_destroy_result(result.pointer);
    result.free();
  }

  /** DuckDB makes an ENUM of the pivoted values before a PIVOT; nothing else may run before the statement itself. */
  private executePreliminary(connection: Pointer, extracted: Pointer, index: number, sql: string): void {
    const prepared = this.prepareExtracted(connection, extracted, index);
    const type = this.api.duckdb_prepared_statement_type(prepared);
    if (type === StatementType.CREATE && /pivot/i.test(sql)) return this.executeOnce(prepared);
    this.closePrepared(prepared);
    throw new StatementFailed({
      kind: 'invalid_argument',
      message: 'Several statements came in one call: send them one at a time.',
      fatal: false,
    });
  }

  private executeOnce(prepared: Pointer): void {
    this.closeResult(this.execute(prepared));
    this.closePrepared(prepared);
  }

  /** Columns whose type hangs on a parameter have none yet: they are reported as null. */
  private typeOrNull(type: Pointer): Pointer {
    if (type === 0) return this.api.duckdb_create_logical_type(TypeId.SQLNULL);
    if (this.api.duckdb_get_type_id(type) !== TypeId.INVALID) return type;
    return this.otherType(type, TypeId.SQLNULL);
  }

  /** As `typeOrNull`; text for what is sent as text, and for ENUMs: no driver sets one. */
  private parameterType(given: Pointer): Pointer {
    const type = this.typeOrNull(given);
    const read = readLogicalType(this.api, type);
    if (!holdsTextType(read) && read.id !== TypeId.ENUM) return type;
    return this.otherType(type, read.children.length === 0 ? TypeId.VARCHAR : TypeId.SQLNULL);
  }

  private otherType(type: Pointer, id: number): Pointer {
    this.out.setWord(0, type);
    this.api.duckdb_destroy_logical_type(this.out.pointer);
    return this.api.duckdb_create_logical_type(id);
  }

  private parameterSchema(connection: Pointer, prepared: Pointer): Uint8Array | undefined {
    const names = parameterNames(this.api, prepared);
    if (names.length === 0) return undefined;
    const native = names.map((name) => cString(name));
    const parameters: ColumnSource = {
      count: names.length,
      name: (index) => native[index] ?? 0,
      type: (index) => this.parameterType(this.api.duckdb_param_logical_type(prepared, index + 1)),
      ownsNames: false,
    };
    try {
      return encodeSchemaMessage(
        this.withArrowOptions(connection, (options) =>
          inMilliseconds(this.schemaOf(options, parameters).root),
        ),
      );
    } finally {
      native.forEach(free);
    }
  }

  private describe(connection: Pointer, prepared: Pointer): PreparedStatement {
    const { api } = this;
    const type = api.duckdb_prepared_statement_type(prepared);
    const columns: ColumnSource = {
      count: api.duckdb_prepared_statement_column_count(prepared),
      name: (index) => api.duckdb_prepared_statement_column_name(prepared, index),
      type: (index) => this.typeOrNull(api.duckdb_prepared_statement_column_logical_type(prepared, index)),
      ownsNames: true,
    };
    const { root } = this.withArrowOptions(connection, (options) => this.schemaOf(options, columns));
    const [only, ...others] = root.children;
    const parameterSchema = this.parameterSchema(connection, prepared);
    return {
      prepared,
      type,
      parameterSchema,
      unresolved: parameterSchema !== undefined && root.children.some(holdsNullType),
      schema: encodeSchemaMessage(root),
      countsOnly:
        isChange(type) && (!only || (others.length === 0 && only.name === 'Count' && only.format === 'l')),
    };
  }
}

function holdsNullType({ format, children }: Field): boolean {
  return format === 'n' || children.some(holdsNullType);
}

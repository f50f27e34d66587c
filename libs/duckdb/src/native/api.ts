import koffi, { type TypeObject } from 'koffi';

/** An address in this process. All user-space addresses fit a double exactly. */
export type Pointer = number;

/** The words of a C `duckdb_result`, which DuckDB takes by value. */
export interface ResultWords {
  w0: number;
  w1: number;
  w2: number;
  w3: number;
  w4: number;
  w5: number;
}

/** C `duckdb_query_progress_type`: `percentage` is -1 where nobody knows. */
export interface QueryProgress {
  percentage: number;
  rowsProcessed: bigint;
  totalRows: bigint;
}

/** C `duckdb_decimal`: the unscaled value is `upper * 2^64 + lower`. */
export interface DecimalWords {
  width: number;
  scale: number;
  value: { lower: bigint; upper: bigint };
}

/** What is used of DuckDB's C API (https://duckdb.org/docs/current/clients/c/api). States: 0 is success. */
export interface DuckDbApi {
  duckdb_library_version(): string;
  duckdb_free(pointer: Pointer): void;
  duckdb_create_config(out: Pointer): number;
  duckdb_set_config(config: Pointer, name: string, value: string): number;
  duckdb_destroy_config(config: Pointer): void;
  duckdb_open_ext(path: string, outDatabase: Pointer, config: Pointer, outError: Pointer): number;
  duckdb_close(database: Pointer): void;
  duckdb_connect(database: Pointer, outConnection: Pointer): number;
  duckdb_disconnect(connection: Pointer): void;
  duckdb_interrupt(connection: Pointer): void;
  duckdb_extract_statements(connection: Pointer, sql: string, outExtracted: Pointer): number;
  duckdb_extract_statements_error(extracted: Pointer): string | null;
  duckdb_prepare_extracted_statement(c: Pointer, extracted: Pointer, index: number, out: Pointer): number;
  duckdb_destroy_extracted(extracted: Pointer): void;
  duckdb_prepare_error(prepared: Pointer): string | null;
  duckdb_destroy_prepare(prepared: Pointer): void;
  duckdb_nparams(prepared: Pointer): number;
  duckdb_prepared_statement_type(prepared: Pointer): number;
  duckdb_prepared_statement_column_count(prepared: Pointer): number;
  duckdb_prepared_statement_column_name(prepared: Pointer, index: number): Pointer;
  duckdb_prepared_statement_column_logical_type(prepared: Pointer, index: number): Pointer;
  duckdb_destroy_logical_type(type: Pointer): void;
  duckdb_get_type_id(type: Pointer): number;
  duckdb_create_logical_type(id: number): Pointer;
  duckdb_logical_type_get_alias(type: Pointer): Pointer;
  duckdb_decimal_width(type: Pointer): number;
  duckdb_decimal_scale(type: Pointer): number;
  duckdb_enum_dictionary_size(type: Pointer): number;
  duckdb_enum_dictionary_value(type: Pointer, index: number): Pointer;
  duckdb_list_type_child_type(type: Pointer): Pointer;
  duckdb_array_type_child_type(type: Pointer): Pointer;
  duckdb_array_type_array_size(type: Pointer): number;
  duckdb_map_type_key_type(type: Pointer): Pointer;
  duckdb_map_type_value_type(type: Pointer): Pointer;
  duckdb_struct_type_child_count(type: Pointer): number;
  duckdb_struct_type_child_name(type: Pointer, index: number): Pointer;
  duckdb_struct_type_child_type(type: Pointer, index: number): Pointer;
  duckdb_union_type_member_count(type: Pointer): number;
  duckdb_union_type_member_name(type: Pointer, index: number): Pointer;
  duckdb_union_type_member_type(type: Pointer, index: number): Pointer;
  duckdb_execute_prepared_streaming(prepared: Pointer, outResult: Pointer): number;
  duckdb_execute_prepared(prepared: Pointer, outResult: Pointer): number;
  duckdb_parameter_name(prepared: Pointer, index: number): Pointer;
  duckdb_param_logical_type(prepared: Pointer, index: number): Pointer;
  duckdb_bind_value(prepared: Pointer, index: number, value: Pointer): number;
  duckdb_destroy_value(value: Pointer): void;
  duckdb_query_progress(connection: Pointer): QueryProgress;
  duckdb_create_null_value(): Pointer;
  duckdb_create_bool(value: boolean): Pointer;
  duckdb_create_int8(value: number): Pointer;
  duckdb_create_int16(value: number): Pointer;
  duckdb_create_int32(value: number): Pointer;
  duckdb_create_int64(value: bigint): Pointer;
  duckdb_create_uint8(value: number): Pointer;
  duckdb_create_uint16(value: number): Pointer;
  duckdb_create_uint32(value: number): Pointer;
  duckdb_create_uint64(value: bigint): Pointer;
  duckdb_create_float(value: number): Pointer;
  duckdb_create_double(value: number): Pointer;
  duckdb_create_date(days: number): Pointer;
  duckdb_create_time(micros: bigint): Pointer;
  duckdb_create_time_ns(nanos: bigint): Pointer;
  duckdb_create_timestamp(micros: bigint): Pointer;
  duckdb_create_timestamp_s(seconds: bigint): Pointer;
  duckdb_create_timestamp_ms(millis: bigint): Pointer;
  duckdb_create_timestamp_ns(nanos: bigint): Pointer;
  duckdb_create_timestamp_tz(micros: bigint): Pointer;
  duckdb_create_interval(value: { months: number; days: number; micros: bigint }): Pointer;
  duckdb_create_decimal(value: DecimalWords): Pointer;
  duckdb_create_uuid(value: { lower: bigint; upper: bigint }): Pointer;
  duckdb_create_uhugeint(value: { lower: bigint; upper: bigint }): Pointer;
  duckdb_create_varchar_length(text: Uint8Array, bytes: number): Pointer;
  duckdb_create_blob(data: Uint8Array, bytes: number): Pointer;
  duckdb_create_list_value(itemType: Pointer, values: Pointer, count: number): Pointer;
  duckdb_get_list_child(list: Pointer, index: number): Pointer;
  duckdb_create_array_value(itemType: Pointer, values: Pointer, count: number): Pointer;
  duckdb_create_struct_value(type: Pointer, values: Pointer): Pointer;
  duckdb_create_map_value(type: Pointer, keys: Pointer, values: Pointer, count: number): Pointer;
  duckdb_create_union_value(type: Pointer, tag: number, value: Pointer): Pointer;
  duckdb_create_decimal_type(width: number, scale: number): Pointer;
  duckdb_create_list_type(item: Pointer): Pointer;
  duckdb_create_array_type(item: Pointer, size: number): Pointer;
  duckdb_create_map_type(key: Pointer, value: Pointer): Pointer;
  duckdb_create_struct_type(types: Pointer, names: Pointer, count: number): Pointer;
  duckdb_create_union_type(types: Pointer, names: Pointer, count: number): Pointer;
  duckdb_query(connection: Pointer, sql: string, outResult: Pointer): number;
  duckdb_result_error(result: Pointer): string | null;
  duckdb_result_error_type(result: Pointer): number;
  duckdb_rows_changed(result: Pointer): number;
  duckdb_column_count(result: Pointer): number;
  duckdb_column_name(result: Pointer, index: number): Pointer;
  duckdb_column_logical_type(result: Pointer, index: number): Pointer;
  duckdb_destroy_result(result: Pointer): void;
  duckdb_fetch_chunk(result: ResultWords): Pointer;
  duckdb_data_chunk_get_size(chunk: Pointer): number;
  duckdb_data_chunk_get_vector(chunk: Pointer, column: number): Pointer;
  duckdb_vector_get_data(vector: Pointer): Pointer;
  duckdb_vector_get_validity(vector: Pointer): Pointer;
  duckdb_list_vector_get_child(vector: Pointer): Pointer;
  duckdb_list_vector_get_size(vector: Pointer): number;
  duckdb_array_vector_get_child(vector: Pointer): Pointer;
  duckdb_struct_vector_get_child(vector: Pointer, index: number): Pointer;
  duckdb_destroy_data_chunk(chunk: Pointer): void;
  duckdb_connection_get_arrow_options(connection: Pointer, outOptions: Pointer): void;
  duckdb_destroy_arrow_options(options: Pointer): void;
  duckdb_to_arrow_schema(o: Pointer, types: Pointer, names: Pointer, count: number, out: Pointer): Pointer;
  duckdb_data_chunk_to_arrow(options: Pointer, chunk: Pointer, out: Pointer): Pointer;
  duckdb_arrow_array_scan(
    c: Pointer,
    view: string,
    schema: Pointer,
    array: Pointer,
    outStream: Pointer,
  ): number;
  duckdb_destroy_arrow_stream(stream: Pointer): void;
  duckdb_error_data_has_error(error: Pointer): boolean;
  duckdb_error_data_message(error: Pointer): string | null;
  duckdb_destroy_error_data(error: Pointer): void;
}

const P = 'intptr_t';
const N = 'uint64_t';

/** Argument and return types in koffi's words; the keys are exactly those of `DuckDbApi`. */
const SIGNATURES: Readonly<Record<keyof DuckDbApi, readonly [string, readonly string[]]>> = {
  duckdb_library_version: ['str', []],
  duckdb_free: ['void', [P]],
  duckdb_create_config: ['int', [P]],
  duckdb_set_config: ['int', [P, 'str', 'str']],
  duckdb_destroy_config: ['void', [P]],
  duckdb_open_ext: ['int', ['str', P, P, P]],
  duckdb_close: ['void', [P]],
  duckdb_connect: ['int', [P, P]],
  duckdb_disconnect: ['void', [P]],
  duckdb_interrupt: ['void', [P]],
  duckdb_extract_statements: [N, [P, 'str', P]],
  duckdb_extract_statements_error: ['str', [P]],
  duckdb_prepare_extracted_statement: ['int', [P, P, N, P]],
  duckdb_destroy_extracted: ['void', [P]],
  duckdb_prepare_error: ['str', [P]],
  duckdb_destroy_prepare: ['void', [P]],
  duckdb_nparams: [N, [P]],
  duckdb_prepared_statement_type: ['int', [P]],
  duckdb_prepared_statement_column_count: [N, [P]],
  duckdb_prepared_statement_column_name: [P, [P, N]],
  duckdb_prepared_statement_column_logical_type: [P, [P, N]],
  duckdb_destroy_logical_type: ['void', [P]],
  duckdb_get_type_id: ['int', [P]],
  duckdb_create_logical_type: [P, ['int']],
  duckdb_logical_type_get_alias: [P, [P]],
  duckdb_decimal_width: ['uint8_t', [P]],
  duckdb_decimal_scale: ['uint8_t', [P]],
  duckdb_enum_dictionary_size: ['uint32_t', [P]],
  duckdb_enum_dictionary_value: [P, [P, N]],
  duckdb_list_type_child_type: [P, [P]],
  duckdb_array_type_child_type: [P, [P]],
  duckdb_array_type_array_size: [N, [P]],
  duckdb_map_type_key_type: [P, [P]],
  duckdb_map_type_value_type: [P, [P]],
  duckdb_struct_type_child_count: [N, [P]],
  duckdb_struct_type_child_name: [P, [P, N]],
  duckdb_struct_type_child_type: [P, [P, N]],
  duckdb_union_type_member_count: [N, [P]],
  duckdb_union_type_member_name: [P, [P, N]],
  duckdb_union_type_member_type: [P, [P, N]],
  duckdb_execute_prepared_streaming: ['int', [P, P]],
  duckdb_execute_prepared: ['int', [P, P]],
  duckdb_parameter_name: [P, [P, N]],
  duckdb_param_logical_type: [P, [P, N]],
  duckdb_bind_value: ['int', [P, N, P]],
  duckdb_destroy_value: ['void', [P]],
  duckdb_query_progress: ['duckdb_query_progress_type', [P]],
  duckdb_create_null_value: [P, []],
  duckdb_create_bool: [P, ['bool']],
  duckdb_create_int8: [P, ['int8_t']],
  duckdb_create_int16: [P, ['int16_t']],
  duckdb_create_int32: [P, ['int32_t']],
  duckdb_create_int64: [P, ['int64_t']],
  duckdb_create_uint8: [P, ['uint8_t']],
  duckdb_create_uint16: [P, ['uint16_t']],
  duckdb_create_uint32: [P, ['uint32_t']],
  duckdb_create_uint64: [P, [N]],
  duckdb_create_float: [P, ['float']],
  duckdb_create_double: [P, ['double']],
  // Structs of one number are passed as that number, on x86-64 and on arm64.
  duckdb_create_date: [P, ['int32_t']],
  duckdb_create_time: [P, ['int64_t']],
  duckdb_create_time_ns: [P, ['int64_t']],
  duckdb_create_timestamp: [P, ['int64_t']],
  duckdb_create_timestamp_s: [P, ['int64_t']],
  duckdb_create_timestamp_ms: [P, ['int64_t']],
  duckdb_create_timestamp_ns: [P, ['int64_t']],
  duckdb_create_timestamp_tz: [P, ['int64_t']],
  duckdb_create_interval: [P, ['duckdb_interval']],
  duckdb_create_decimal: [P, ['duckdb_decimal']],
  duckdb_create_uuid: [P, ['duckdb_uhugeint']],
  duckdb_create_uhugeint: [P, ['duckdb_uhugeint']],
  duckdb_create_varchar_length: [P, ['void *', N]],
  duckdb_create_blob: [P, ['void *', N]],
  duckdb_create_list_value: [P, [P, P, N]],
  duckdb_get_list_child: [P, [P, N]],
  duckdb_create_array_value: [P, [P, P, N]],
  duckdb_create_struct_value: [P, [P, P]],
  duckdb_create_map_value: [P, [P, P, P, N]],
  duckdb_create_union_value: [P, [P, N, P]],
  duckdb_create_decimal_type: [P, ['uint8_t', 'uint8_t']],
  duckdb_create_list_type: [P, [P]],
  duckdb_create_array_type: [P, [P, N]],
  duckdb_create_map_type: [P, [P, P]],
  duckdb_create_struct_type: [P, [P, P, N]],
  duckdb_create_union_type: [P, [P, P, N]],
  duckdb_query: ['int', [P, 'str', P]],
  duckdb_result_error: ['str', [P]],
  duckdb_result_error_type: ['int', [P]],
  duckdb_rows_changed: [N, [P]],
  duckdb_column_count: [N, [P]],
  duckdb_column_name: [P, [P, N]],
  duckdb_column_logical_type: [P, [P, N]],
  duckdb_destroy_result: ['void', [P]],
  duckdb_fetch_chunk: [P, ['duckdb_result']],
  duckdb_data_chunk_get_size: [N, [P]],
  duckdb_data_chunk_get_vector: [P, [P, N]],
  duckdb_vector_get_data: [P, [P]],
  duckdb_vector_get_validity: [P, [P]],
  duckdb_list_vector_get_child: [P, [P]],
  duckdb_list_vector_get_size: [N, [P]],
  duckdb_array_vector_get_child: [P, [P]],
  duckdb_struct_vector_get_child: [P, [P, N]],
  duckdb_destroy_data_chunk: ['void', [P]],
  duckdb_connection_get_arrow_options: ['void', [P, P]],
  duckdb_destroy_arrow_options: ['void', [P]],
  duckdb_to_arrow_schema: [P, [P, P, P, N, P]],
  duckdb_data_chunk_to_arrow: [P, [P, P, P]],
  duckdb_arrow_array_scan: ['int', [P, 'str', P, P, P]],
  duckdb_destroy_arrow_stream: ['void', [P]],
  duckdb_error_data_has_error: ['bool', [P]],
  duckdb_error_data_message: ['str', [P]],
  duckdb_destroy_error_data: ['void', [P]],
};

/** Loads the DuckDB shared library at `path` for this thread. Throws where it can't be loaded. */
export function loadDuckDb(path: string): DuckDbApi {
  const library = koffi.load(path);
  // Without a name: koffi's names are the process's, and this may be called in several of its contexts.
  const hugeint = koffi.struct({ lower: N, upper: 'int64_t' });
  const structs: Readonly<Record<string, TypeObject>> = {
    duckdb_result: koffi.struct({ w0: N, w1: N, w2: N, w3: P, w4: P, w5: P }),
    duckdb_query_progress_type: koffi.struct({ percentage: 'double', rowsProcessed: N, totalRows: N }),
    duckdb_interval: koffi.struct({ months: 'int32_t', days: 'int32_t', micros: 'int64_t' }),
    duckdb_decimal: koffi.struct({ width: 'uint8_t', scale: 'uint8_t', value: hugeint }),
    duckdb_uhugeint: koffi.struct({ lower: N, upper: N }),
  };
  const typed = (type: string) => structs[type] ?? type;
  const api: Record<string, unknown> = {};
  for (const [name, [result, parameters]] of Object.entries(SIGNATURES))
    api[name] = library.func(name, typed(result), parameters.map(typed));
  return api as unknown as DuckDbApi;
}

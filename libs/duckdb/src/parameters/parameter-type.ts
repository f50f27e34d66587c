/** DuckDB types that have no parts, with their `duckdb_type` (duckdb.h). */
export const SCALAR_IDS = Object.freeze({
  boolean: 1,
  tinyint: 2,
  smallint: 3,
  integer: 4,
  bigint: 5,
  utinyint: 6,
  usmallint: 7,
  uinteger: 8,
  ubigint: 9,
  float: 10,
  double: 11,
  timestamp: 12,
  date: 13,
  time: 14,
  interval: 15,
  hugeint: 16,
  varchar: 17,
  blob: 18,
  timestamp_s: 20,
  timestamp_ms: 21,
  timestamp_ns: 22,
  uuid: 27,
  timestamp_tz: 31,
  uhugeint: 32,
  null: 36,
  time_ns: 39,
});

export type ScalarName = keyof typeof SCALAR_IDS;

/** The DuckDB type of a parameter. */
export type ParameterType =
  | { readonly kind: 'scalar'; readonly name: ScalarName }
  | { readonly kind: 'decimal'; readonly width: number; readonly scale: number }
  | { readonly kind: 'list'; readonly item: ParameterType }
  | { readonly kind: 'array'; readonly item: ParameterType; readonly size: number }
  | { readonly kind: 'struct'; readonly names: readonly string[]; readonly types: readonly ParameterType[] }
  | { readonly kind: 'map'; readonly key: ParameterType; readonly value: ParameterType }
  | { readonly kind: 'union'; readonly names: readonly string[]; readonly types: readonly ParameterType[] };

/**
 * A value that may cross threads. By type: null; boolean; number for integers of up to 32 bits and floats; bigint for
 * wider integers, decimals (unscaled), days, times and timestamps (in the type's unit); text; bytes (a UUID has 16, the
 * most significant first); an interval is `[months, days, microseconds]`; lists and arrays their items; a struct its
 * fields' values; a map `[key, value]` pairs; a union `[member's index, value]`.
 */
export type ParameterValue =
  null | boolean | number | bigint | string | Uint8Array | readonly ParameterValue[];

/** Values for a statement's parameters, row by row. */
export interface ParameterRows {
  /** Names of the columns; they count where the statement names its parameters. */
  readonly names: readonly string[];
  readonly types: readonly ParameterType[];
  readonly rows: readonly (readonly ParameterValue[])[];
}

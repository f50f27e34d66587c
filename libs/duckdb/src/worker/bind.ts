import { DomainError } from '@pondpilot/kernel';
import type { DuckDbApi, Pointer } from '../native/api.js';
import { readCString } from '../native/memory.js';
import type { ParameterRows, ParameterType, ParameterValue } from '../parameters/parameter-type.js';
import { StatementFailed, failureOf } from './failure.js';
import type { NativeValues } from './native-values.js';

/** Names of a statement's parameters, in the order of their numbers; `?` and `$1` have their number as name. */
export function parameterNames(api: DuckDbApi, prepared: Pointer): string[] {
  return Array.from({ length: api.duckdb_nparams(prepared) }, (_, index) => {
    const name = api.duckdb_parameter_name(prepared, index + 1);
    try {
      return readCString(name);
    } finally {
      api.duckdb_free(name);
    }
  });
}

/**
 * Which column each parameter takes its value from: the one of its name where the statement names its parameters and
 * all of them are there, else the one at its place. Throws `invalid_argument` where there are too few or too many.
 */
export function columnsFor(names: readonly string[], given: readonly string[]): number[] {
  const named = names.map((name) => given.indexOf(name));
  if (names.some((name) => !/^\d+$/.test(name)) && named.every((index) => index >= 0)) return named;
  if (names.length !== given.length)
    throw new DomainError(
      'invalid_argument',
      `The statement has ${names.length} parameters, and ${given.length} values came with it.`,
    );
  return names.map((_, index) => index);
}

/** Binds one row's values. Throws StatementFailed. */
export function bindRow(
  api: DuckDbApi,
  native: NativeValues,
  prepared: Pointer,
  { types, rows }: ParameterRows,
  row: number,
  columns: readonly number[],
): void {
  const values = rows[row] ?? [];
  columns.forEach((column, index) => {
    const declared = types[column];
    if (!declared) throw new DomainError('internal', 'A parameter has no type.');
    const { type, given } = unwrapped(declared, values[column] ?? null);
    const value = given === null ? native.nullOf(type) : native.value(type, given);
    try {
      if (api.duckdb_bind_value(prepared, index + 1, value) !== 0)
        throw new StatementFailed(failureOf(api.duckdb_prepare_error(prepared)));
    } finally {
      native.destroyValue(value);
    }
  });
}

/** Some clients send all parameters as unions of the types that they know, and mean the value within. */
function unwrapped(
  type: ParameterType,
  value: ParameterValue,
): { readonly type: ParameterType; readonly given: ParameterValue } {
  if (type.kind !== 'union' || value === null) return { type, given: value };
  const [member, given] = value as readonly [number, ParameterValue];
  return { type: type.types[member] ?? type, given };
}

/** DuckDB's `duckdb_statement_type` (duckdb.h). */
export const StatementType = Object.freeze({
  SELECT: 1,
  INSERT: 2,
  UPDATE: 3,
  EXPLAIN: 4,
  DELETE: 5,
  PREPARE: 6,
  CREATE: 7,
  EXECUTE: 8,
  ALTER: 9,
  TRANSACTION: 10,
  COPY: 11,
  ANALYZE: 12,
  VARIABLE_SET: 13,
  CREATE_FUNC: 14,
  DROP: 15,
  EXPORT: 16,
  PRAGMA: 17,
  VACUUM: 18,
  CALL: 19,
  SET: 20,
  LOAD: 21,
  RELATION: 22,
  EXTENSION: 23,
  LOGICAL_PLAN: 24,
  ATTACH: 25,
  DETACH: 26,
  MULTI: 27,
});

const ROWS: ReadonlySet<number> = new Set([
  StatementType.SELECT,
  StatementType.EXPLAIN,
  StatementType.PRAGMA,
  StatementType.CALL,
  StatementType.EXECUTE,
  StatementType.RELATION,
  StatementType.LOGICAL_PLAN,
]);

/** Runs when its result is fetched, and may run again: nothing but a query. */
export function isQuery(type: number): boolean {
  return type === StatementType.SELECT;
}

/** Changes something, so that its result is a count unless it says RETURNING. */
export function isChange(type: number): boolean {
  return !ROWS.has(type);
}

const BY_CONFIGURATION = 'Databases and extensions come by the configuration';
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [StatementType.ATTACH, `ATTACH is not allowed here. ${BY_CONFIGURATION}.`],
  [StatementType.DETACH, `DETACH is not allowed here. ${BY_CONFIGURATION}.`],
  [StatementType.LOAD, `LOAD and INSTALL are not allowed here. ${BY_CONFIGURATION}.`],
  [StatementType.EXTENSION, `Extensions can't be changed here. ${BY_CONFIGURATION}.`],
  [StatementType.COPY, 'COPY is not allowed here: engines read and write no files.'],
  [
    StatementType.EXPORT,
    'EXPORT DATABASE is not allowed here: engines write no files. Read what you need as a result.',
  ],
]);

/**
 * Why users may not run this kind of statement, or undefined. DuckDB's own locks leave gaps here: a detached database
 * can be attached again for writing, and `ATTACH … (TYPE sqlite)` makes files.
 */
export function refusalOf(type: number): string | undefined {
  return REFUSALS.get(type);
}

import type { Session, StatementOptions } from '@pondpilot/duckdb';

/** The rows of a statement whose columns are all text. Rejects with DuckDbError. */
export async function readRows(
  session: Session,
  sql: string,
  options: StatementOptions = {},
): Promise<(string | undefined)[][]> {
  // Not at the start: Arrow takes as long to load as DuckDB to open.
  const { readTable } = await import('./read-table.js');
  const result = await session.execute(sql, options);
  try {
    const table = await readTable(result);
    return table
      .toArray()
      .map((row) =>
        [...(row as Iterable<[string, unknown]>)].map(([, value]) =>
          value === null ? undefined : String(value),
        ),
      );
  } finally {
    await result.close();
  }
}

/** A database file to attach. */
export interface AttachRequest {
  readonly alias: string;
  readonly type: 'duckdb' | 'sqlite';
  readonly path: string;
  readonly readOnly: boolean;
}

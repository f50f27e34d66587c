import type { ParameterRows } from '@pondpilot/duckdb';
import { DomainError, type Clock } from '@pondpilot/kernel';
import { Handles } from './handles.js';

/** A statement that a client prepared. DuckDB prepares it again for each execution: handles may be many. */
export interface Prepared {
  readonly session: string;
  readonly sql: string;
  /** Id of the transaction in which it was prepared. */
  readonly transaction: string | undefined;
  /** Values that the client bound for the executions to come, and their size on the wire. */
  parameters: ParameterRows | undefined;
  parameterBytes: number;
}

const PREPARED_TIME_MS = 60 * 60_000;
const PREPARED = 10_000;
/** Bytes of bound values that all statements of the engine may hold. */
const BOUND_BYTES = 64 * 1024 * 1024;

export class PreparedStatements {
  private readonly handles: Handles<Prepared>;

  constructor(clock: Clock) {
    this.handles = new Handles('prepared statement', clock, PREPARED_TIME_MS, PREPARED);
  }

  add(statement: Pick<Prepared, 'session' | 'sql' | 'transaction'>): Uint8Array {
    return this.handles.add({ ...statement, parameters: undefined, parameterBytes: 0 });
  }

  /** Throws `not_found` for a handle that was never given, was closed or has expired. */
  get(handle: Uint8Array): Prepared {
    return this.handles.get(handle);
  }

  /** Binds values to a statement. Throws `resource_exhausted` where too many are bound. */
  bind(prepared: Prepared, parameters: ParameterRows, bytes: number): void {
    let bound = bytes - prepared.parameterBytes;
    for (const { parameterBytes } of this.handles.values()) bound += parameterBytes;
    if (bound > BOUND_BYTES)
      throw new DomainError(
        'resource_exhausted',
        `More than ${BOUND_BYTES} bytes of parameters are bound to queries. Close prepared statements, or send fewer rows at once.`,
      );
    prepared.parameters = parameters;
    prepared.parameterBytes = bytes;
  }

  close(handle: Uint8Array): void {
    this.handles.remove(handle);
  }

  forgetSession(name: string): void {
    this.handles.removeWhere(({ session }) => session === name);
  }
}

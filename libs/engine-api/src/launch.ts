import { DomainError } from '@pondpilot/kernel';
import type { EngineLimits } from './limits.js';

/** One database that comes attached to every engine. */
export interface AttachedDatabase {
  readonly alias: string;
  readonly type: 'duckdb' | 'sqlite' | 'postgres' | 'mysql';
  /** A file's path, or a server's connection string. A secret. */
  readonly connectionString: string;
  readonly readOnly: boolean;
}

/**
 * What an engine is started with: one line of JSON on its standard input, never in arguments or environment.
 * The input then stays open: an engine whose input ends has lost its parent and ends too, unless it has `outliveMs`.
 */
export interface EngineLaunch {
  readonly id: string;
  /** The address to listen on. */
  readonly host: string;
  /** Of Flight SQL; by default chosen by the system. `EngineReady` tells it. */
  readonly port?: number;
  /** Of EngineControl; likewise. */
  readonly controlPort?: number;
  /**
   * With it the engine outlives the proxy that started it, and serves the next one: it ends by itself when it has had
   * no control call for so many milliseconds.
   */
  readonly outliveMs?: number;
  /** What every control call must carry in the metadata key `x-pondpilot-control`. */
  readonly controlSecret: string;
  /** Path of the DuckDB shared library. */
  readonly duckdbLibrary: string;
  /** Where extensions lie, as `<dir>/v<version>/<platform>/<name>.duckdb_extension`. */
  readonly extensionDirectory?: string;
  /** An empty folder that is the engine's own: DuckDB spills into it. */
  readonly tempDirectory: string;
  /** Bytes that the whole process may use; DuckDB's own limits derive from it. */
  readonly memoryBytes: number;
  /** Bytes that DuckDB may spill into `tempDirectory`; by default a multiple of `memoryBytes`. */
  readonly spillBytes?: number;
  /** How many CPUs the engine may use; DuckDB's threads derive from it. */
  readonly cpus: number;
  readonly databases: readonly AttachedDatabase[];
  readonly limits: EngineLimits;
  /** How the batches of results are compressed where their clients do not say; by default not at all. */
  readonly resultCompression?: 'none' | 'zstd';
  /** DuckDB extensions to load beside those that the databases need. */
  readonly extensions: readonly string[];
}

/** The line of JSON that an engine prints on standard output once it answers on both ports. */
export interface EngineReady {
  readonly event: 'ready';
  /** Flight SQL. */
  readonly port: number;
  /** EngineControl. */
  readonly controlPort: number;
}

/** What an engine does while it starts. */
export type EngineStep = 'attaching';

/** A line that it prints before, when it comes to a step that may take long. */
export interface EngineAtStep {
  readonly event: 'step';
  readonly step: EngineStep;
}

/** The line that it prints instead when it can't start. The message holds no secret. */
export interface EngineFailed {
  readonly event: 'failed';
  readonly message: string;
}

export type EngineReport = EngineReady | EngineFailed | EngineAtStep;

const EVENTS: ReadonlySet<unknown> = new Set<EngineReport['event']>(['ready', 'failed', 'step']);

/** Reads what an engine printed; undefined for any other line. */
export function parseEngineReport(line: string): EngineReport | undefined {
  let report: unknown;
  try {
    report = JSON.parse(line);
  } catch {
    return undefined;
  }
  const event = (report as { event?: unknown } | null)?.event;
  return EVENTS.has(event) ? (report as EngineReport) : undefined;
}

/** Reads the launch line. Throws `invalid_argument` where it is not JSON; the text is a secret and is not repeated. */
export function parseEngineLaunch(line: string): EngineLaunch {
  try {
    return JSON.parse(line) as EngineLaunch;
  } catch {
    throw new DomainError(
      'invalid_argument',
      'The first line on standard input must be the launch settings as JSON.',
    );
  }
}

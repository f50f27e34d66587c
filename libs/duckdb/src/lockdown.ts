export interface DatabaseLimits {
  /** Bytes that the whole process may use. */
  readonly memoryBytes: number;
  /** Bytes that DuckDB may spill; by default eight times the memory. */
  readonly spillBytes?: number | undefined;
  readonly cpus: number;
  /** A folder that nobody else uses: DuckDB spills into it. */
  readonly tempDirectory: string;
  readonly extensionDirectory: string | undefined;
}

/**
 * DuckDB's share of the process's memory. What it does not count (query plans, strings in the making, the runtime)
 * needs the rest: with 192 of 512 MiB a spilling sort, join and aggregate peaked at 295 to 399 MB.
 */
const MEMORY_SHARE = 0.375;
/** Spilling may take so many times the memory. */
const SPILL_FACTOR = 8;

/** An upload holds as much again while a statement works on it. More than this makes no statement faster. */
const ARROW_SHARE = 1 / 64;
const MOST_ARROW_BYTES = 32 * 1024 ** 2;

/** Bytes of Arrow data that may be gathered for one statement, where there is one upload. */
export function arrowBytes({ memoryBytes }: DatabaseLimits): number {
  return Math.min(Math.floor(memoryBytes * ARROW_SHARE), MOST_ARROW_BYTES);
}

/** Settings that must be in place when the database opens, before anything else. */
export function openSettings(limits: DatabaseLimits): Record<string, string> {
  const spillBytes = limits.spillBytes ?? limits.memoryBytes * SPILL_FACTOR;
  return {
    memory_limit: `${Math.floor((limits.memoryBytes * MEMORY_SHARE) / 1024 ** 2)}MiB`,
    threads: String(Math.max(1, Math.ceil(limits.cpus))),
    temp_directory: limits.tempDirectory,
    max_temp_directory_size: `${Math.ceil(spillBytes / 1024 ** 2)}MiB`,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_unsigned_extensions: 'false',
    allow_persistent_secrets: 'false',
    allow_unredacted_secrets: 'false',
    max_expression_depth: '200',
    ...(limits.extensionDirectory === undefined ? {} : { extension_directory: limits.extensionDirectory }),
  };
}

/** Statements that close the database for good, after everything is attached and before any user's statement. */
export const LOCK_STATEMENTS: readonly string[] = [
  // Without GLOBAL it would be that of one connection, and the machine's that of all others.
  `SET GLOBAL TimeZone = 'UTC'`,
  `SET allowed_configs = ['TimeZone', 'streaming_buffer_size', 'enable_progress_bar', 'enable_progress_bar_print', 'progress_bar_time']`,
  'SET enable_external_access = false',
  'SET lock_configuration = true',
];

/**
 * What each new connection runs first. DuckDB counts strings as 16 bytes each in what it makes ahead of a result's
 * reader: with its 976 KiB a result of long strings that nobody reads held 85 MB.
 */
export const CONNECTION_STATEMENT = "SET streaming_buffer_size = '64KiB'";

import type { AttachedDatabaseType, LogFormat, LogLevel, ProviderName } from './schema.js';

/** The whole configuration: parsed once, frozen, and the only place that knows the environment. */
export interface AppConfig {
  readonly server: ServerConfig;
  readonly containers: ContainersConfig;
  readonly duckdb: DuckDbConfig;
  readonly security: SecurityConfig;
  readonly logging: LoggingConfig;
}

export interface ServerConfig {
  /** Address that both listeners bind to. */
  readonly host: string;
  /** HTTP; 0 means any free port. */
  readonly port: number;
  /** gRPC (Flight SQL); 0 means any free port. */
  readonly grpcPort: number;
  /** Addresses and networks (CIDR) whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[];
}

export interface ContainersConfig {
  readonly provider: ProviderName;
  readonly idleTimeoutMs: number;
  /** Bytes that one engine may use. */
  readonly memoryBytes: number;
  /** CPUs that one engine may use; fractions are fine. */
  readonly cpus: number;
  readonly maxPerHost: number;
  /** How long an engine may take until it answers. */
  readonly startTimeoutMs: number;
}

export interface DuckDbConfig {
  /** Names of extensions that engines load; those that are built in are left out. */
  readonly extensions: readonly string[];
  readonly attachedDatabases: readonly DatabaseConfig[];
  /** Absolute path of the folder that holds extensions. */
  readonly extensionDirectory: string | undefined;
}

export interface DatabaseConfig {
  readonly alias: string;
  readonly type: AttachedDatabaseType;
  /** A server's connection string, or a file's absolute path. A secret. */
  readonly connectionString: string;
  readonly readOnly: boolean;
}

export interface SecurityConfig {
  /** Signs and verifies tokens. A secret. */
  readonly jwtSecret: string;
  readonly demoTokens: {
    readonly enabled: boolean;
    /** Aliases of the databases that demo users see. */
    readonly databases: readonly string[];
  };
}

export interface LoggingConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

import type { AttachedDatabaseType, ResultCompression } from './duckdb-schema.js';
import type { LogFormat, LogLevel, ProviderName } from './schema.js';

/** The whole configuration: parsed once, frozen, and the only place that knows the environment. */
export interface AppConfig {
  readonly server: ServerConfig;
  readonly containers: ContainersConfig;
  readonly limits: LimitsConfig;
  readonly duckdb: DuckDbConfig;
  readonly security: SecurityConfig;
  readonly ai: AiConfig;
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
  /** How long streams in flight may go on after the signal to stop. */
  readonly drainTimeoutMs: number;
  /** Undefined: both ports speak in the clear. */
  readonly tls: TlsConfig | undefined;
}

/** Absolute paths of PEM files. */
export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Those who sign certificates of clients, which must then show one. */
  readonly clientCaFile: string | undefined;
}

export interface ContainersConfig {
  readonly provider: ProviderName;
  /** The engines' image; undefined for the project's own. */
  readonly image: string | undefined;
  /** OCI runtime; undefined for the daemon's own. */
  readonly runtime: string | undefined;
  readonly idleTimeoutMs: number;
  /** Bytes that one engine may use. */
  readonly memoryBytes: number;
  /** Bytes that one engine may spill; undefined: a multiple of its memory that is the provider's to say. */
  readonly spillBytes: number | undefined;
  /** CPUs that one engine may use; fractions are fine. */
  readonly cpus: number;
  readonly maxPerHost: number;
  /** How long a request may wait for a free place, and how many may wait. */
  readonly queueTimeoutMs: number;
  readonly queueSize: number;
  /** Engines that are kept running for users to come. */
  readonly warmPool: number;
  /** How long an engine may take until it answers. */
  readonly startTimeoutMs: number;
  /** The network that engines are attached to. */
  readonly network: string;
}

/** What users may take, and how long what they leave behind may stay. */
export interface LimitsConfig {
  /** A transaction without a statement for so long is rolled back. */
  readonly transactionIdleMs: number;
  /** A result of which nobody has read anything for so long is ended. */
  readonly streamStallMs: number;
  /** How long a statement may take until its result has been sent. */
  readonly statementTimeMs: number;
  /** Bytes of a statement's text. */
  readonly statementBytes: number;
  /** Rows and bytes of a result; 0: any number. */
  readonly resultRows: number;
  readonly resultBytes: number;
  /** Statements of one user at the same time. */
  readonly concurrentStatements: number;
}

export interface DuckDbConfig {
  /** Names of extensions that engines load; those that are built in are left out. */
  readonly extensions: readonly string[];
  readonly attachedDatabases: readonly DatabaseConfig[];
  /** Absolute path of the folder that holds extensions. */
  readonly extensionDirectory: string | undefined;
  /** How record batches are compressed for clients that do not say. */
  readonly resultCompression: ResultCompression;
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
  /** Of each user. */
  readonly rateLimit: { readonly requestsPerMinute: number; readonly burstSize: number };
  readonly demoTokens: {
    readonly enabled: boolean;
    /** Aliases of the databases that demo users see. */
    readonly databases: readonly string[];
    /** How many engines demo users may have at once. */
    readonly maxEngines: number;
  };
}

/** The keys are secrets; undefined where the service is not configured. */
export interface AiConfig {
  readonly claudeApiKey: string | undefined;
  readonly openaiApiKey: string | undefined;
  readonly defaultModel: string;
}

export interface LoggingConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

import { resolve } from 'node:path';
import { parseFilePath } from '@pondpilot/kernel';
import type {
  AiConfig,
  AppConfig,
  ContainersConfig,
  DatabaseConfig,
  LimitsConfig,
  SecurityConfig,
  TlsConfig,
} from './app-config.js';
import type { ConfigInput } from './schema.js';

/** DuckDB extensions that the engine brings itself. */
const BUILT_IN_EXTENSIONS: ReadonlySet<string> = new Set(['arrow']);

/** The settings by the names that the code uses. Paths of files are made absolute: engines run in folders of their own. */
export function toAppConfig(input: ConfigInput, cwd: string): AppConfig {
  const { server, limits, duckdb, logging } = input;
  const directory = duckdb.extension_directory;
  return {
    server: {
      host: server.host,
      port: server.port,
      grpcPort: server.grpc_port,
      trustProxy: server.trust_proxy,
      drainTimeoutMs: server.drain_timeout,
      tls: toTls(server.tls, cwd),
    },
    containers: toContainers(input.containers),
    limits: toLimits(limits),
    duckdb: {
      extensions: duckdb.extensions.filter((name) => !BUILT_IN_EXTENSIONS.has(name)),
      extensionDirectory: directory === undefined ? undefined : resolve(cwd, directory),
      resultCompression: duckdb.result_compression,
      attachedDatabases: duckdb.attached_databases.map((database) => toDatabase(database, cwd)),
    },
    security: toSecurity(input.security),
    ai: toAi(input.ai),
    logging: { level: logging.level, format: logging.format },
  };
}

/** `crossChecks` lets neither file stand without the other. */
function toTls(tls: ConfigInput['server']['tls'], cwd: string): TlsConfig | undefined {
  const { cert_file, key_file, client_ca_file } = tls;
  if (cert_file === undefined || key_file === undefined) return undefined;
  return {
    certFile: resolve(cwd, cert_file),
    keyFile: resolve(cwd, key_file),
    clientCaFile: client_ca_file === undefined ? undefined : resolve(cwd, client_ca_file),
  };
}

function toLimits(limits: ConfigInput['limits']): LimitsConfig {
  return {
    transactionIdleMs: limits.transaction_idle,
    streamStallMs: limits.stream_stall,
    statementTimeMs: limits.statement_time,
    statementBytes: limits.statement_length,
    resultRows: limits.result_rows,
    resultBytes: limits.result_bytes,
    concurrentStatements: limits.concurrent_statements,
  };
}

function toContainers(containers: ConfigInput['containers']): ContainersConfig {
  return {
    provider: containers.provider,
    image: containers.image,
    runtime: containers.runtime,
    idleTimeoutMs: containers.idle_timeout,
    memoryBytes: containers.memory_limit,
    spillBytes: containers.spill_limit,
    cpus: containers.cpu_limit,
    maxPerHost: containers.max_per_host,
    queueTimeoutMs: containers.queue_timeout,
    queueSize: containers.queue_size,
    warmPool: containers.warm_pool,
    startTimeoutMs: containers.start_timeout,
    network: containers.network,
  };
}

function toSecurity({ jwt_secret, rate_limit, demo_tokens }: ConfigInput['security']): SecurityConfig {
  return {
    jwtSecret: jwt_secret,
    rateLimit: { requestsPerMinute: rate_limit.requests_per_minute, burstSize: rate_limit.burst_size },
    demoTokens: {
      enabled: demo_tokens.enabled,
      databases: demo_tokens.databases,
      maxEngines: demo_tokens.max_engines,
    },
  };
}

function toAi(ai: ConfigInput['ai']): AiConfig {
  return {
    claudeApiKey: ai.claude_api_key,
    openaiApiKey: ai.openai_api_key,
    defaultModel: ai.default_model,
  };
}

type DatabaseInput = ConfigInput['duckdb']['attached_databases'][number];

function toDatabase(input: DatabaseInput, cwd: string): DatabaseConfig {
  const isFile = input.type === 'sqlite' || input.type === 'duckdb';
  const given = input.connection_string;
  return {
    alias: input.alias,
    type: input.type,
    connectionString: isFile ? toPath(given, cwd) : given,
    readOnly: input.read_only,
  };
}

/** An absolute path; what is no path (`https://…`, `:memory:`) stays as it is. */
function toPath(given: string, cwd: string): string {
  const path = parseFilePath(given);
  return /^[a-z][a-z0-9+.-]*:|^:/i.test(path) ? path : resolve(cwd, path);
}

import { resolve } from 'node:path';
import type { AppConfig, DatabaseConfig } from './app-config.js';
import { envBindings } from './bindings.js';
import { crossChecks } from './cross-checks.js';
import { deepFreeze } from './freeze.js';
import { interpolate } from './interpolate.js';
import { overlayEnvironment } from './overlay.js';
import { ConfigError, describeProblems, problemsOfIssues, type Problem } from './problems.js';
import { configSchema, type ConfigInput } from './schema.js';
import { configSources, type SourceOptions } from './sources.js';
import { readConfigFile } from './yaml-file.js';

/** DuckDB extensions that the engine brings itself. */
const BUILT_IN_EXTENSIONS: ReadonlySet<string> = new Set(['arrow']);

/**
 * Reads the configuration: environment over YAML over defaults. Throws a `ConfigError` with every problem at once.
 */
export function loadConfig(options: SourceOptions = {}): AppConfig {
  const sources = configSources(options);
  const bindings = envBindings();
  const problems: Problem[] = [];
  const file = interpolate(readConfigFile(sources, problems), sources.env, problems);
  const raw = overlayEnvironment(file, bindings, sources, problems);
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) problems.push(...problemsOfIssues(parsed.error.issues));
  problems.push(...crossChecks(raw));
  if (!parsed.success || problems.length > 0) throw new ConfigError(describeProblems(problems, bindings));
  return deepFreeze(toAppConfig(parsed.data, sources.cwd));
}

function toAppConfig(input: ConfigInput, cwd: string): AppConfig {
  const { server, containers, duckdb, security, logging } = input;
  const directory = duckdb.extension_directory;
  return {
    server: {
      host: server.host,
      port: server.port,
      grpcPort: server.grpc_port,
      trustProxy: server.trust_proxy,
    },
    containers: {
      provider: containers.provider,
      idleTimeoutMs: containers.idle_timeout,
      memoryBytes: containers.memory_limit,
      cpus: containers.cpu_limit,
      maxPerHost: containers.max_per_host,
      startTimeoutMs: containers.start_timeout,
    },
    duckdb: {
      extensions: duckdb.extensions.filter((name) => !BUILT_IN_EXTENSIONS.has(name)),
      extensionDirectory: directory === undefined ? undefined : resolve(cwd, directory),
      attachedDatabases: duckdb.attached_databases.map((database) => toDatabase(database, cwd)),
    },
    security: {
      jwtSecret: security.jwt_secret,
      demoTokens: { enabled: security.demo_tokens.enabled, databases: security.demo_tokens.databases },
    },
    logging: { level: logging.level, format: logging.format },
  };
}

type DatabaseInput = ConfigInput['duckdb']['attached_databases'][number];

/** A file's path is made absolute here, since engines run in folders of their own. */
function toDatabase(input: DatabaseInput, cwd: string): DatabaseConfig {
  const given = input.connection_string;
  const isFile =
    (input.type === 'sqlite' || input.type === 'duckdb') && !/^[a-z][a-z0-9+.-]*:|^:/i.test(given);
  return {
    alias: input.alias,
    type: input.type,
    connectionString: isFile ? resolve(cwd, given) : given,
    readOnly: input.read_only,
  };
}

export { APP_CONFIG, ConfigModule } from './config.module.js';
export { loadConfig } from './load.js';
export { ConfigError } from './problems.js';
export { MIN_SECRET_LENGTH } from './schema.js';
export type { AttachedDatabaseType } from './duckdb-schema.js';
export type { LogFormat, LogLevel, ProviderName } from './schema.js';
export type { SourceOptions } from './sources.js';
export type {
  AiConfig,
  AppConfig,
  ContainersConfig,
  DatabaseConfig,
  DuckDbConfig,
  LimitsConfig,
  LoggingConfig,
  SecurityConfig,
  ServerConfig,
  TlsConfig,
} from './app-config.js';

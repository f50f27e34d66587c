export { APP_CONFIG, ConfigModule } from './config.module.js';
export { loadConfig } from './load.js';
export { ConfigError } from './problems.js';
export { MIN_SECRET_LENGTH } from './schema.js';
export type { AttachedDatabaseType, LogFormat, LogLevel, ProviderName } from './schema.js';
export type { SourceOptions } from './sources.js';
export type {
  AppConfig,
  ContainersConfig,
  DatabaseConfig,
  DuckDbConfig,
  LoggingConfig,
  SecurityConfig,
  ServerConfig,
} from './app-config.js';

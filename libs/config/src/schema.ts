import { z } from 'zod';
import { isAlias } from './identifiers.js';
import {
  choice,
  duration,
  flag,
  network,
  number,
  port,
  setting,
  size,
  text,
  type SettingMeta,
} from './settings.js';

const PROVIDERS = ['auto', 'process', 'docker', 'kubernetes', 'fargate'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['logfmt', 'json', 'pretty'] as const;

export type ProviderName = (typeof PROVIDERS)[number];
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];
export type AttachedDatabaseType = 'postgres' | 'mysql' | 'sqlite' | 'duckdb';

/** Fewer characters than this can be guessed from a captured token. */
export const MIN_SECRET_LENGTH = 32;

const meta = (description: string, env?: string): SettingMeta =>
  env ? { description, env } : { description };

const server = z.strictObject({
  host: text('an address to listen on')
    .default('0.0.0.0')
    .meta(meta('Address that both listeners bind to.', 'HOST')),
  port: port().default(8080).meta(meta('HTTP port.', 'PORT')),
  grpc_port: port().default(8081).meta(meta('gRPC (Flight SQL) port.', 'GRPC_PORT')),
  trust_proxy: z
    .array(network())
    .default([])
    .meta(meta('Addresses and networks of proxies whose X-Forwarded-For counts.')),
});

const containers = z.strictObject({
  provider: choice(PROVIDERS).default('auto').meta(meta('Where engines run.', 'ORCHESTRATOR')),
  idle_timeout: duration(1000, '1s')
    .default(300_000)
    .meta(meta('After how long without use an engine is stopped.', 'CONTAINER_IDLE_TIMEOUT')),
  memory_limit: size(128 * 1024 ** 2, '128m')
    .default(512 * 1024 ** 2)
    .meta(meta('Memory of one engine.', 'CONTAINER_MEMORY_LIMIT')),
  cpu_limit: number(
    'a number of CPUs above 0 and up to 1024, e.g. 0.5',
    (value) => value > 0 && value <= 1024,
  )
    .default(0.5)
    .meta(meta('CPUs of one engine.', 'CONTAINER_CPU_LIMIT')),
  max_per_host: number(
    'a whole number from 1 to 100000',
    (value) => Number.isInteger(value) && value >= 1 && value <= 100_000,
  )
    .default(100)
    .meta(meta('How many engines may run at once.', 'CONTAINER_MAX_PER_HOST')),
  start_timeout: duration(1000, '1s')
    .default(30_000)
    .meta(meta('How long an engine may take until it answers.', 'CONTAINER_START_TIMEOUT')),
});

const DATABASE_TYPES: Readonly<Record<string, AttachedDatabaseType>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  sqlite: 'sqlite',
  duckdb: 'duckdb',
};

const attachedDatabase = z.strictObject({
  alias: setting(
    'a name that SQL takes without quotes and that DuckDB does not reserve, e.g. sales',
    (value) => (isAlias(value) ? value : undefined),
  ).meta(meta('Name of the database in SQL.')),
  type: setting('one of postgres, mysql, sqlite, duckdb', (value) =>
    typeof value === 'string' && Object.hasOwn(DATABASE_TYPES, value.toLowerCase())
      ? DATABASE_TYPES[value.toLowerCase()]
      : undefined,
  ).meta(meta('Kind of database.')),
  connection_string: text("the database's connection string, or the path of its file").meta({
    ...meta('How to reach the database.'),
    sensitive: true,
  }),
  read_only: flag().default(true).meta(meta('Whether users may only read.')),
});

const duckdb = z.strictObject({
  extensions: z
    .array(
      setting('the name of an extension, e.g. httpfs', (value) =>
        typeof value === 'string' && /^[a-z][a-z0-9_]{0,62}$/.test(value) ? value : undefined,
      ),
    )
    .default([])
    .meta(meta('DuckDB extensions that engines load. `arrow` is built in.')),
  extension_directory: text('the path of a folder')
    .optional()
    .meta(meta('Folder that holds DuckDB extensions.', 'DUCKDB_EXTENSION_DIRECTORY')),
  attached_databases: z
    .array(attachedDatabase)
    .default([])
    .meta(meta('Databases that every engine comes up with.')),
});

const jwtSecret = setting(
  `at least ${MIN_SECRET_LENGTH} characters, e.g. those that \`openssl rand -hex 32\` prints`,
  (value) => (typeof value === 'string' && value.length >= MIN_SECRET_LENGTH ? value : undefined),
).meta({ ...meta('Signs and verifies tokens.', 'JWT_SECRET'), secret: true });

const security = z.strictObject({
  jwt_secret: jwtSecret,
  demo_tokens: z
    .strictObject({
      enabled: flag().default(false).meta(meta('Whether POST /auth/demo-token gives out tokens.')),
      databases: z
        .array(text('the alias of an attached database'))
        .default([])
        .meta(meta('Aliases of the databases that demo users see.')),
    })
    .prefault({}),
});

const logging = z.strictObject({
  level: choice(LOG_LEVELS).default('info').meta(meta('Least important level that is logged.', 'LOG_LEVEL')),
  format: choice(LOG_FORMATS).default('logfmt').meta(meta('Form of the log lines.', 'LOG_FORMAT')),
});

/** Every setting, as it stands in the YAML file. A setting with `secret` in its meta never stands there. */
export const configSchema = z.strictObject({
  server: server.prefault({}),
  containers: containers.prefault({}),
  duckdb: duckdb.prefault({}),
  security: security.prefault({ jwt_secret: undefined }),
  logging: logging.prefault({}),
});

export type ConfigInput = z.output<typeof configSchema>;

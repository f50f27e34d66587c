import type { AppConfig } from './app-config.js';

/** How one setting is given, what becomes of it, and what it must not be. */
export interface SettingRow {
  /** In the file, and what the code then sees. */
  readonly file?: readonly [given: unknown, seen: unknown];
  /** In the variable, and what the code then sees. */
  readonly env?: readonly [given: string, seen: unknown];
  readonly byDefault?: unknown;
  readonly bad: unknown;
  /** Settings of the same section that it can't stand without. */
  readonly beside?: object;
  readonly read: (config: AppConfig) => unknown;
}

const MIB = 1024 ** 2;
export const database = { alias: 'shop', type: 'duckdb', connection_string: '/shop.db' };
const first = (config: AppConfig) => config.duckdb.attachedDatabases[0];

/** By the paths of the schema. A setting that has no row here fails the first test of settings.spec.ts. */
export const rows: Readonly<Record<string, SettingRow>> = {
  'server.host': {
    file: ['127.0.0.1', '127.0.0.1'],
    env: ['::1', '::1'],
    byDefault: '0.0.0.0',
    bad: 'no host',
    read: ({ server }) => server.host,
  },
  'server.port': {
    file: [1234, 1234],
    env: ['4321', 4321],
    byDefault: 8080,
    bad: 65_536,
    read: ({ server }) => server.port,
  },
  'server.grpc_port': {
    file: ['1234', 1234],
    env: ['0', 0],
    byDefault: 8081,
    bad: -1,
    read: ({ server }) => server.grpcPort,
  },
  'server.trust_proxy': {
    file: [
      ['10.0.0.0/8', '::1'],
      ['10.0.0.0/8', '::1'],
    ],
    byDefault: [],
    bad: '10.0.0.0/8',
    read: ({ server }) => server.trustProxy,
  },
  'server.drain_timeout': {
    file: ['1m', 60_000],
    env: ['0', 0],
    byDefault: 10_000,
    bad: 'soon',
    read: ({ server }) => server.drainTimeoutMs,
  },
  'server.tls.cert_file': {
    file: ['/tls/tls.crt', '/tls/tls.crt'],
    env: ['/other/tls.crt', '/other/tls.crt'],
    byDefault: undefined,
    bad: ' ',
    beside: { key_file: '/tls/tls.key' },
    read: ({ server }) => server.tls?.certFile,
  },
  'server.tls.key_file': {
    file: ['/tls/tls.key', '/tls/tls.key'],
    env: ['/other/tls.key', '/other/tls.key'],
    byDefault: undefined,
    bad: 5,
    beside: { cert_file: '/tls/tls.crt' },
    read: ({ server }) => server.tls?.keyFile,
  },
  'server.tls.client_ca_file': {
    file: ['/tls/ca.crt', '/tls/ca.crt'],
    env: ['/other/ca.crt', '/other/ca.crt'],
    byDefault: undefined,
    bad: [],
    beside: { cert_file: '/tls/tls.crt', key_file: '/tls/tls.key' },
    read: ({ server }) => server.tls?.clientCaFile,
  },
  'containers.provider': {
    file: ['docker', 'docker'],
    env: ['Process', 'process'],
    byDefault: 'auto',
    bad: 'podman',
    read: ({ containers }) => containers.provider,
  },
  'containers.image': {
    file: ['registry.example:5000/engine:1.0', 'registry.example:5000/engine:1.0'],
    env: ['engine@sha256:00ff', 'engine@sha256:00ff'],
    byDefault: undefined,
    bad: 'my engine',
    read: ({ containers }) => containers.image,
  },
  'containers.runtime': {
    file: ['runsc', 'runsc'],
    env: ['kata', 'kata'],
    byDefault: undefined,
    bad: 'a runtime',
    read: ({ containers }) => containers.runtime,
  },
  'containers.spill_limit': {
    file: ['2g', 2048 * MIB],
    env: ['64m', 64 * MIB],
    byDefault: undefined,
    bad: '1m',
    read: ({ containers }) => containers.spillBytes,
  },
  'containers.idle_timeout': {
    file: ['2m', 120_000],
    env: ['90000', 90_000],
    byDefault: 300_000,
    bad: '999ms',
    read: ({ containers }) => containers.idleTimeoutMs,
  },
  'containers.memory_limit': {
    file: ['1g', 1024 * MIB],
    env: ['256m', 256 * MIB],
    byDefault: 512 * MIB,
    bad: '127m',
    read: ({ containers }) => containers.memoryBytes,
  },
  'containers.cpu_limit': {
    file: [2, 2],
    env: ['1.5', 1.5],
    byDefault: 0.5,
    bad: 0,
    read: ({ containers }) => containers.cpus,
  },
  'containers.max_per_host': {
    file: [7, 7],
    env: ['8', 8],
    byDefault: 100,
    bad: 1.5,
    read: ({ containers }) => containers.maxPerHost,
  },
  'containers.queue_timeout': {
    file: ['1h', 3_600_000],
    env: ['500ms', 500],
    byDefault: 30_000,
    bad: ['30s'],
    read: ({ containers }) => containers.queueTimeoutMs,
  },
  'containers.warm_pool': {
    file: [3, 3],
    env: ['0', 0],
    byDefault: 1,
    bad: -1,
    read: ({ containers }) => containers.warmPool,
  },
  'containers.queue_size': {
    file: [0, 0],
    env: ['8', 8],
    byDefault: 100,
    bad: -1,
    read: ({ containers }) => containers.queueSize,
  },
  'containers.start_timeout': {
    file: ['5s', 5000],
    env: ['1m', 60_000],
    byDefault: 30_000,
    bad: '60d',
    read: ({ containers }) => containers.startTimeoutMs,
  },
  'containers.network': {
    file: ['pondpilot', 'pondpilot'],
    env: ['other_net', 'other_net'],
    byDefault: 'bridge',
    bad: 'a b',
    read: ({ containers }) => containers.network,
  },
  'limits.transaction_idle': {
    file: ['1m', 60_000],
    env: ['250ms', 250],
    byDefault: 300_000,
    bad: true,
    read: ({ limits }) => limits.transactionIdleMs,
  },
  'limits.stream_stall': {
    file: ['1m', 60_000],
    env: ['250ms', 250],
    byDefault: 300_000,
    bad: '5 parsecs',
    read: ({ limits }) => limits.streamStallMs,
  },
  'limits.statement_time': {
    file: ['1m', 60_000],
    env: ['2s', 2000],
    byDefault: 1_800_000,
    bad: 'soon',
    read: ({ limits }) => limits.statementTimeMs,
  },
  'limits.statement_length': {
    file: ['64k', 65_536],
    env: ['2k', 2048],
    byDefault: 16_777_216,
    bad: '12',
    read: ({ limits }) => limits.statementBytes,
  },
  'limits.result_rows': {
    file: [1000, 1000],
    env: ['5', 5],
    byDefault: 0,
    bad: -1,
    read: ({ limits }) => limits.resultRows,
  },
  'limits.result_bytes': {
    file: ['1g', 1_073_741_824],
    env: ['10m', 10_485_760],
    byDefault: 0,
    bad: 'much',
    read: ({ limits }) => limits.resultBytes,
  },
  'limits.concurrent_statements': {
    file: [4, 4],
    env: ['8', 8],
    byDefault: 100,
    bad: 0,
    read: ({ limits }) => limits.concurrentStatements,
  },
  'duckdb.extensions': {
    file: [['arrow', 'httpfs'], ['httpfs']],
    byDefault: [],
    bad: ['../x'],
    read: ({ duckdb }) => duckdb.extensions,
  },
  'duckdb.extension_directory': {
    file: ['/ext', '/ext'],
    env: ['/other', '/other'],
    byDefault: undefined,
    bad: ' ',
    read: ({ duckdb }) => duckdb.extensionDirectory,
  },
  'duckdb.result_compression': {
    file: ['zstd', 'zstd'],
    env: ['zstd', 'zstd'],
    byDefault: 'none',
    bad: 'lz4',
    read: ({ duckdb }) => duckdb.resultCompression,
  },
  'duckdb.attached_databases': {
    file: [[database], [{ alias: 'shop', type: 'duckdb', connectionString: '/shop.db', readOnly: true }]],
    byDefault: [],
    bad: database,
    read: ({ duckdb }) => duckdb.attachedDatabases,
  },
  'duckdb.attached_databases[].alias': {
    file: ['Sales_1', 'Sales_1'],
    bad: 'select',
    read: (config) => first(config)?.alias,
  },
  'duckdb.attached_databases[].type': {
    file: ['SQLite', 'sqlite'],
    bad: 'oracle',
    read: (config) => first(config)?.type,
  },
  'duckdb.attached_databases[].connection_string': {
    file: ['duckdb:/data/x%20y.db', '/data/x y.db'],
    bad: 5,
    read: (config) => first(config)?.connectionString,
  },
  'duckdb.attached_databases[].read_only': {
    file: ['false', false],
    byDefault: true,
    bad: 'no',
    read: (config) => first(config)?.readOnly,
  },
  'security.jwt_secret': {
    env: ['e'.repeat(32), 'e'.repeat(32)],
    bad: 'f'.repeat(40),
    read: ({ security }) => security.jwtSecret,
  },
  'security.rate_limit.requests_per_minute': {
    file: [7, 7],
    byDefault: 100,
    bad: 0,
    read: ({ security }) => security.rateLimit.requestsPerMinute,
  },
  'security.rate_limit.burst_size': {
    file: [7, 7],
    byDefault: 200,
    bad: 'many',
    read: ({ security }) => security.rateLimit.burstSize,
  },
  'security.demo_tokens.enabled': {
    file: [true, true],
    byDefault: false,
    bad: 1,
    read: ({ security }) => security.demoTokens.enabled,
  },
  'security.demo_tokens.databases': {
    file: [['SHOP'], ['SHOP']],
    byDefault: [],
    bad: ['nowhere'],
    read: ({ security }) => security.demoTokens.databases,
  },
  'security.demo_tokens.max_engines': {
    file: [2, 2],
    env: ['3', 3],
    byDefault: 5,
    bad: 0,
    read: ({ security }) => security.demoTokens.maxEngines,
  },
  'ai.claude_api_key': {
    file: ['sk-file', 'sk-file'],
    env: ['sk-env', 'sk-env'],
    byDefault: undefined,
    bad: 'two words',
    read: ({ ai }) => ai.claudeApiKey,
  },
  'ai.openai_api_key': {
    file: ['sk-file', 'sk-file'],
    env: ['sk-env', 'sk-env'],
    byDefault: undefined,
    bad: 5,
    read: ({ ai }) => ai.openaiApiKey,
  },
  'ai.default_model': {
    file: ['some-model', 'some-model'],
    env: ['other-model', 'other-model'],
    byDefault: 'claude-sonnet-4-20250514',
    bad: 'a b',
    read: ({ ai }) => ai.defaultModel,
  },
  'logging.level': {
    file: ['warn', 'warn'],
    env: ['DEBUG', 'debug'],
    byDefault: 'info',
    bad: 'loud',
    read: ({ logging }) => logging.level,
  },
  'logging.format': {
    file: ['pretty', 'pretty'],
    env: ['json', 'json'],
    byDefault: 'logfmt',
    bad: ['json'],
    read: ({ logging }) => logging.format,
  },
};

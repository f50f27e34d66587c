import { z } from 'zod';
import { duckdb } from './duckdb-schema.js';
import { about, choice, duration, flag, network, positive, setting, size, text, whole } from './settings.js';

const PROVIDERS = ['auto', 'process', 'docker', 'kubernetes', 'fargate'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['logfmt', 'json', 'pretty'] as const;

export type ProviderName = (typeof PROVIDERS)[number];
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Fewer characters than this can be guessed from a captured token. */
export const MIN_SECRET_LENGTH = 32;

const port = () => whole(0, 65_535, 'a port');

const pemFile = (env: string, description: string) =>
  text('the path of a PEM file')
    .optional()
    .meta(about(description, { env, defaultText: 'none' }));

const tls = z.strictObject({
  cert_file: pemFile(
    'TLS_CERT_FILE',
    'Certificate of both ports, followed by the intermediate ones; with it they speak TLS alone. A new file is taken without a restart.',
  ),
  key_file: pemFile('TLS_KEY_FILE', 'The private key of that certificate, without a passphrase.'),
  client_ca_file: pemFile(
    'TLS_CLIENT_CA_FILE',
    'Certificates of the authorities that sign those of clients. With it clients must show one, except at `/health` and `/ready`.',
  ),
});

const server = z.strictObject({
  host: text('an address to listen on, e.g. 127.0.0.1', /^[A-Za-z0-9_.:%-]+$/)
    .prefault('0.0.0.0')
    .meta(about('Address that both listeners bind to.', { env: 'HOST' })),
  port: port()
    .prefault(8080)
    .meta(about('HTTP port; 0 takes any free one.', { env: 'PORT' })),
  grpc_port: port()
    .prefault(8081)
    .meta(about('gRPC (Flight SQL) port; 0 takes any free one.', { env: 'GRPC_PORT' })),
  trust_proxy: z
    .array(network())
    .prefault([])
    .meta(about('Addresses and networks of reverse proxies whose `X-Forwarded-For` counts.')),
  drain_timeout: duration(0, '0s')
    .prefault('10s')
    .meta(about('How long streams in flight may go on after SIGTERM.', { env: 'DRAIN_TIMEOUT' })),
  tls: tls.prefault({}),
});

const containers = z.strictObject({
  provider: choice(PROVIDERS)
    .prefault('auto')
    .meta(
      about(
        'Where engines run. `docker`: each is a container. `process`: each is a child process of the proxy. `auto`: `docker` where there is a Docker socket that the proxy may use or `DOCKER_HOST`, else `process`. `kubernetes` and `fargate` are not there yet: with them the proxy refuses to start.',
        { env: 'ORCHESTRATOR' },
      ),
    ),
  image: text("an image's name, e.g. registry.example/engine:1.0", /^[A-Za-z0-9][\w.:/@-]*$/)
    .optional()
    .meta(
      about("Image of the engines (`docker`): the project's own, or one that is built on it.", {
        env: 'CONTAINER_IMAGE',
        defaultText: '`ghcr.io/pondpilot/engine:latest`',
      }),
    ),
  runtime: text('the name of an OCI runtime, e.g. runsc', /^[A-Za-z0-9][\w./-]*$/)
    .optional()
    .meta(
      about(
        'OCI runtime of the engines (`docker`), as the daemon knows it: `runsc` is gVisor, `kata` Kata Containers.',
        {
          env: 'CONTAINER_RUNTIME',
          defaultText: "the daemon's own",
        },
      ),
    ),
  idle_timeout: duration(1000, '1s')
    .prefault('5m')
    .meta(about('An engine that nobody uses for this long is stopped.', { env: 'CONTAINER_IDLE_TIMEOUT' })),
  memory_limit: size(128 * 1024 ** 2, '128m')
    .prefault('512m')
    .meta(about('Memory of each engine.', { env: 'CONTAINER_MEMORY_LIMIT' })),
  spill_limit: size(16 * 1024 ** 2, '16m')
    .optional()
    .meta(
      about(
        'What each engine may spill: on disk (`process`), or in memory that its container may use beside `memory_limit` (`docker`).',
        {
          env: 'CONTAINER_SPILL_LIMIT',
          defaultText: '`memory_limit`, eight times (`process`) or twice (`docker`)',
        },
      ),
    ),
  cpu_limit: positive('a number of CPUs', 1024)
    .prefault(0.5)
    .meta(about('CPUs of each engine.', { env: 'CONTAINER_CPU_LIMIT' })),
  max_per_host: whole(1, 100_000)
    .prefault(100)
    .meta(about('How many engines may run at once.', { env: 'CONTAINER_MAX_PER_HOST' })),
  queue_timeout: duration(0, '0s')
    .prefault('30s')
    .meta(
      about('How long a request waits for a free place when `max_per_host` engines are in use.', {
        env: 'CONTAINER_QUEUE_TIMEOUT',
      }),
    ),
  queue_size: whole(0, 100_000)
    .prefault(100)
    .meta(
      about('How many users may wait for a free place; further ones are refused at once.', {
        env: 'CONTAINER_QUEUE_SIZE',
      }),
    ),
  warm_pool: whole(0, 1000)
    .prefault(1)
    .meta(
      about(
        'How many engines are kept running for users to come, so that their first query need not wait for a start; within `max_per_host`, and for demo users as many besides. 0: none.',
        { env: 'CONTAINER_WARM_POOL' },
      ),
    ),
  start_timeout: duration(1000, '1s')
    .prefault('30s')
    .meta(about('How long an engine may take until it answers.', { env: 'CONTAINER_START_TIMEOUT' })),
  network: text('the name of a network', /^[A-Za-z0-9][\w.-]*$/)
    .prefault('bridge')
    .meta(
      about(
        'Network of the engines (`docker`). `bridge`: networks of their own, made and removed by the proxy, in which no engine reaches another. Where the proxy is a container itself, each engine has its own in any case, and a name here only says through which network the proxy finds databases.',
        { env: 'CONTAINER_NETWORK' },
      ),
    ),
});

const limits = z.strictObject({
  transaction_idle: duration(100, '100ms')
    .prefault('5m')
    .meta(
      about('A transaction without a statement for this long is rolled back.', {
        env: 'LIMIT_TRANSACTION_IDLE',
      }),
    ),
  stream_stall: duration(100, '100ms')
    .prefault('5m')
    .meta(
      about('A result of which nobody has read anything for this long is ended.', {
        env: 'LIMIT_STREAM_STALL',
      }),
    ),
  statement_time: duration(100, '100ms')
    .prefault('30m')
    .meta(
      about('How long a statement may take, until its result has been sent.', {
        env: 'LIMIT_STATEMENT_TIME',
      }),
    ),
  statement_length: size(1024, '1k')
    .prefault('16m')
    .meta(about('Bytes that the text of a statement may have.', { env: 'LIMIT_STATEMENT_LENGTH' })),
  result_rows: whole(0, Number.MAX_SAFE_INTEGER, 'a number of rows')
    .prefault(0)
    .meta(about('Rows that a result may have; 0: any number.', { env: 'LIMIT_RESULT_ROWS' })),
  result_bytes: size(0, '0')
    .prefault('0')
    .meta(about('Bytes that a result may have as Arrow; 0: any number.', { env: 'LIMIT_RESULT_BYTES' })),
  concurrent_statements: whole(1, 10_000, 'a number of statements')
    .prefault(100)
    .meta(
      about('How many statements of one user may run at the same time.', {
        env: 'LIMIT_CONCURRENT_STATEMENTS',
      }),
    ),
});

const jwtSecret = setting(
  `at least ${MIN_SECRET_LENGTH} characters, e.g. those that \`openssl rand -hex 32\` prints`,
  { type: 'string', minLength: MIN_SECRET_LENGTH },
  (value) => (typeof value === 'string' && value.length >= MIN_SECRET_LENGTH ? value : undefined),
).meta(
  about('Signs and verifies tokens.', {
    env: 'JWT_SECRET',
    secret: true,
    envOnly: true,
    defaultText: 'required',
  }),
);

const rateLimit = z.strictObject({
  requests_per_minute: whole(1, 1_000_000)
    .prefault(100)
    .meta(about('Statements and AI calls that each user may make.', { unused: true })),
  burst_size: whole(1, 1_000_000)
    .prefault(200)
    .meta(about('How many of them may come at once.', { unused: true })),
});

const demoTokens = z.strictObject({
  enabled: flag().prefault(false).meta(about('Whether `POST /auth/demo-token` gives out tokens.')),
  databases: z
    .array(text('the alias of an attached database'))
    .prefault([])
    .meta(about('Aliases of the databases that demo users see, for reading.')),
  max_engines: whole(1, 100_000)
    .prefault(5)
    .meta(
      about('How many engines demo users may have at once, within `containers.max_per_host`.', {
        env: 'DEMO_TOKENS_MAX_ENGINES',
      }),
    ),
});

const security = z.strictObject({
  jwt_secret: jwtSecret,
  rate_limit: rateLimit.prefault({}),
  demo_tokens: demoTokens.prefault({}),
});

const apiKey = (service: string, env: string) =>
  text('an API key, without blanks', /^[\x21-\x7e]+$/)
    .optional()
    .meta(about(`API key for ${service}.`, { env, secret: true, defaultText: 'none', unused: true }));

const ai = z.strictObject({
  claude_api_key: apiKey('chat', 'CLAUDE_API_KEY'),
  openai_api_key: apiKey('embeddings', 'OPENAI_API_KEY'),
  default_model: text("a model's name, without blanks", /^\S+$/)
    .prefault('claude-sonnet-4-20250514')
    .meta(about('Model of a chat whose request names none.', { env: 'AI_DEFAULT_MODEL', unused: true })),
});

const logging = z.strictObject({
  level: choice(LOG_LEVELS)
    .prefault('info')
    .meta(
      about('Least important level that is logged, `trace` telling most; `silent` logs nothing.', {
        env: 'LOG_LEVEL',
      }),
    ),
  format: choice(LOG_FORMATS)
    .prefault('logfmt')
    .meta(
      about(
        'Form of the log lines. `logfmt`: `key=value` pairs. `json`: an object a line. `pretty`: time, level and text in columns, for people.',
        { env: 'LOG_FORMAT' },
      ),
    ),
});

/** Every setting, as it stands in the YAML file. One with `envOnly` in its meta never stands there. */
export const configSchema = z.strictObject({
  server: server.prefault({}),
  containers: containers.prefault({}),
  limits: limits.prefault({}),
  duckdb: duckdb.prefault({}),
  security: security.prefault({ jwt_secret: undefined }),
  ai: ai.prefault({}),
  logging: logging.prefault({}),
});

export type ConfigInput = z.output<typeof configSchema>;

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigFolder, SECRET } from './config.harness.js';

let folder: ConfigFolder;
let cwd: string;
const load: ConfigFolder['load'] = (...given) => folder.load(...given);
const problems: ConfigFolder['problems'] = (...given) => folder.problems(...given);

beforeEach(() => {
  folder = new ConfigFolder();
  cwd = folder.path;
});
afterEach(() => folder.remove());

describe('what is read from where', () => {
  it('has a default for everything but the secret', () => {
    const config = load();
    expect(config.server).toMatchObject({ host: '0.0.0.0', port: 8080, grpcPort: 8081, trustProxy: [] });
    expect(config.containers).toMatchObject({
      provider: 'auto',
      idleTimeoutMs: 300_000,
      maxPerHost: 100,
      cpus: 0.5,
    });
    expect(config.containers.memoryBytes).toBe(512 * 1024 ** 2);
    expect(config.security).toMatchObject({ jwtSecret: SECRET, demoTokens: { enabled: false } });
    expect(config.logging).toEqual({ level: 'info', format: 'logfmt' });
  });

  it('lets the environment win over the file, and counts an empty variable as unset', () => {
    const yaml = 'server: {port: 1234, host: 127.0.0.1}\ncontainers: {idle_timeout: 2m, memory_limit: 1g}\n';
    const config = load(
      { PORT: '4321', HOST: '', CONTAINER_IDLE_TIMEOUT: '90000', ORCHESTRATOR: 'Process' },
      yaml,
    );
    expect(config.server).toMatchObject({ port: 4321, host: '127.0.0.1' });
    expect(config.containers).toMatchObject({
      idleTimeoutMs: 90_000,
      memoryBytes: 1024 ** 3,
      provider: 'process',
    });
  });

  it('prefers CONFIG_FILE, then the working directory, then the root', () => {
    mkdirSync(join(cwd, 'root'));
    writeFileSync(join(cwd, 'root', 'config.yaml'), 'server: {port: 3}');
    expect(load().server.port).toBe(3);
    expect(load({}, 'server: {port: 2}').server.port).toBe(2);
    writeFileSync(join(cwd, 'other.yaml'), 'server: {port: 1}');
    expect(load({ CONFIG_FILE: join(cwd, 'other.yaml') }).server.port).toBe(1);
  });

  it('has TLS by two files or three, whose paths are made absolute', () => {
    expect(load().server.tls).toBeUndefined();
    const yaml = 'server: {tls: {cert_file: tls/tls.crt, key_file: /k/tls.key}}';
    const files = { certFile: join(cwd, 'tls/tls.crt'), keyFile: '/k/tls.key', clientCaFile: undefined };
    expect(load({}, yaml).server.tls).toEqual(files);
    const clientCaFile = join(cwd, 'ca.crt');
    expect(load({ TLS_CLIENT_CA_FILE: 'ca.crt' }, yaml).server.tls).toEqual({ ...files, clientCaFile });
  });

  it('takes the secret from the named file, else the variable, else from the mounted secrets', () => {
    const named = join(cwd, 'named');
    writeFileSync(named, `${'n'.repeat(40)}\n`);
    mkdirSync(join(cwd, 'secrets'));
    writeFileSync(join(cwd, 'secrets', 'jwt_secret'), `${'m'.repeat(40)}\n`);
    expect(load({ JWT_SECRET_FILE: named }).security.jwtSecret).toBe('n'.repeat(40));
    expect(load().security.jwtSecret).toBe(SECRET);
    expect(load({ JWT_SECRET: '' }).security.jwtSecret).toBe('m'.repeat(40));
  });

  it('reads databases, with paths of files made absolute and `arrow` left out of the extensions', () => {
    const { duckdb } = load(
      { PG: 'postgres://u:p%40ss@db/x?sslmode=require' },
      `duckdb:
  extensions: [arrow, httpfs]
  extension_directory: ext
  attached_databases:
    - {alias: pg, type: postgresql, connection_string: "\${PG}", read_only: "\${RO:-false}"}
    - {alias: files, type: sqlite, connection_string: data/x.db}
`,
    );
    expect(duckdb.extensions).toEqual(['httpfs']);
    expect(duckdb.extensionDirectory).toBe(join(cwd, 'ext'));
    expect(duckdb.attachedDatabases).toEqual([
      {
        alias: 'pg',
        type: 'postgres',
        connectionString: 'postgres://u:p%40ss@db/x?sslmode=require',
        readOnly: false,
      },
      { alias: 'files', type: 'sqlite', connectionString: join(cwd, 'data/x.db'), readOnly: true },
    ]);
  });

  it('counts a key, a section and a text of an empty variable as unset', () => {
    const yaml = 'server:\n  port:\nduckdb:\n  attached_databases:\ncontainers:\n';
    expect(load({}, yaml).server.port).toBe(8080);
    expect(load({ PORT: '7', CONTAINER_MAX_PER_HOST: '8' }, yaml)).toMatchObject({
      server: { port: 7 },
      containers: { maxPerHost: 8 },
    });
    const empty = 'ai: {claude_api_key: "${CLAUDE_API_KEY:-}"}\nserver: {port: "${WEB:-}"}';
    expect(load({ WEB: '' }, empty)).toMatchObject({
      ai: { claudeApiKey: undefined },
      server: { port: 8080 },
    });
  });

  it('reads the variables that the file names from files and mounted secrets, too', () => {
    const yaml = 'containers: {network: "${NET}-${SUFFIX}"}\nai: {claude_api_key: "${CLAUDE_API_KEY}"}';
    const named = folder.write('net', 'inner\n');
    folder.write('secrets/suffix', 'a');
    folder.write('secrets/claude_api_key', 'sk-mounted');
    expect(load({ NET_FILE: named }, yaml)).toMatchObject({
      containers: { network: 'inner-a' },
      ai: { claudeApiKey: 'sk-mounted' },
    });
  });

  it('keeps `$${` as it is meant', () => {
    const yaml = `duckdb: {attached_databases: [{alias: a, type: mysql, connection_string: 'mysql://h/x$\${Y}$z'}]}`;
    expect(load({}, yaml).duckdb.attachedDatabases[0]?.connectionString).toBe('mysql://h/x${Y}$z');
  });

  it('can not be changed afterwards', () => {
    const config = load(
      {},
      'duckdb: {attached_databases: [{alias: a, type: mysql, connection_string: mysql://h/x}]}',
    );
    expect(Object.isFrozen(config.duckdb.attachedDatabases[0])).toBe(true);
    expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError);
  });
});

describe('what is refused', () => {
  it('lists every problem at once, by path and variable, and echoes no value', () => {
    const planted = 'hunter2-planted-secret';
    const lines = problems(
      { PORT: planted, JWT_SECRET: planted, CONTAINER_MEMORY_LIMIT: planted, LEAK: planted },
      `server: {grpc_port: 99999, colour: ${planted}}
containers: {cpu_limit: -1, provider: "\${LEAK}", max_per_host: 1.5}
duckdb:
  extensions: ${planted}
  attached_databases:
    - {alias: main, type: ${planted}, connection_string: 7, password: ${planted}}
    - {alias: sales, type: sqlite, connection_string: "\${NOT_SET}"}
    - {alias: SALES, type: sqlite, connection_string: ${planted}}
security: {jwt_secret: ${planted}, demo_tokens: {enabled: maybe, databases: [nowhere]}}
logging: ${planted}
extra: ${planted}
`,
    );
    const where = lines.map((line) => line.slice(0, line.indexOf(': ')));
    expect(where.toSorted()).toEqual(
      [
        'JWT_SECRET',
        'containers.cpu_limit (CONTAINER_CPU_LIMIT)',
        'containers.max_per_host (CONTAINER_MAX_PER_HOST)',
        'containers.memory_limit (CONTAINER_MEMORY_LIMIT)',
        'containers.provider (ORCHESTRATOR)',
        'duckdb.attached_databases[0].alias',
        'duckdb.attached_databases[0].connection_string',
        'duckdb.attached_databases[0].password',
        'duckdb.attached_databases[0].type',
        'duckdb.attached_databases[1].connection_string',
        'duckdb.attached_databases[2].alias',
        'duckdb.extensions',
        'extra',
        'logging',
        'security.demo_tokens.databases[0]',
        'security.demo_tokens.enabled',
        'server.colour',
        'server.grpc_port (GRPC_PORT)',
        'server.port (PORT)',
      ].toSorted(),
    );
    expect(lines.join('\n')).not.toContain(planted);
    expect(lines.join('\n')).toContain('NOT_SET');
  });

  it.each([
    ['no secret', { JWT_SECRET: '' }],
    ['a short secret', { JWT_SECRET: 'x'.repeat(31) }],
  ])('%s: one line that says what to do', (_name, env) => {
    const lines = problems(env);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^JWT_SECRET: .*32 characters.*openssl rand/);
  });

  it.each([
    ['a certificate', { TLS_CERT_FILE: 'tls.crt' }, ['server.tls.key_file (TLS_KEY_FILE)']],
    ['a key', { TLS_KEY_FILE: 'tls.key' }, ['server.tls.cert_file (TLS_CERT_FILE)']],
    [
      'authorities for clients',
      { TLS_CLIENT_CA_FILE: 'ca.crt' },
      ['server.tls.cert_file (TLS_CERT_FILE)', 'server.tls.key_file (TLS_KEY_FILE)'],
    ],
  ])('TLS with %s alone', (_name, env, missing) => {
    const line = (where: string) => expect.stringContaining(`${where}: is missing: TLS needs`);
    expect(problems(env)).toEqual(missing.map(line));
  });

  it('a file that JWT_SECRET_FILE names and that is not there', () => {
    expect(problems({ JWT_SECRET_FILE: join(cwd, 'none') })).toEqual([
      'JWT_SECRET: the file that JWT_SECRET_FILE names is not there, or empty',
    ]);
  });

  it('a secret in the file, even a good one', () => {
    const lines = problems({}, `security: {jwt_secret: ${'q'.repeat(40)}}`);
    expect(lines).toEqual([expect.stringMatching(/^JWT_SECRET: does not belong into the file/)]);
  });

  it('the same port twice', () => {
    expect(problems({ PORT: '8081' })).toEqual([
      'server.grpc_port (GRPC_PORT): must differ from server.port (PORT)',
    ]);
  });

  it.each([
    ['server: {grpcPort: 1}', 'server.grpcPort: is not a setting; did you mean grpc_port?'],
    ['contaners: {}', 'contaners: is not a setting; did you mean containers?'],
    ['port: 1', 'port: is not a setting; did you mean server.port?'],
    ['max_per_host:', 'max_per_host: is not a setting; did you mean containers.max_per_host?'],
    ['server: {jwt: 1}', 'server.jwt: is not a setting'],
    ['security: {demo_token: {}}', 'security.demo_token: is not a setting; did you mean demo_tokens?'],
    [
      'duckdb: {attached_databases: [{alias: a, type: sqlite, connection_string: x, readonly: true}]}',
      'duckdb.attached_databases[0].readonly: is not a setting; did you mean read_only?',
    ],
  ])('the unknown key in %s, with what may be meant', (yaml, line) => {
    expect(problems({}, yaml)).toEqual([line]);
  });

  it.each(['${', '${}', '${1X}', '${A-b}', '${A:?b}', '${A'])('the placeholder %s', (placeholder) => {
    expect(problems({ A: '1' }, { containers: { network: `x${placeholder}` } })).toEqual([
      expect.stringMatching(/^containers\.network \(CONTAINER_NETWORK\): holds a \$\{ that starts neither/),
    ]);
  });

  it('a variable of the file that is not set, by key and variable', () => {
    expect(problems({ WEB: '' }, 'server: {port: "${WEB}"}')).toEqual([
      'server.port (PORT): needs the environment variable WEB, which is not set',
    ]);
  });

  it('a file that a variable names and that can not be read', () => {
    mkdirSync(join(cwd, 'secrets', 'openai_api_key'), { recursive: true });
    expect(problems({ NET_FILE: join(cwd, 'none') }, 'containers: {network: "${NET:-bridge}"}')).toEqual([
      expect.stringMatching(/NET_FILE names is not there/),
      expect.stringMatching(/^ai\.openai_api_key \(OPENAI_API_KEY\): .*can't be read \(EISDIR\)/),
    ]);
  });

  it.each(['main', 'TEMP', 'system', 'memory', 'select', 'has space', '1st', '', 'x"; drop', 'ä'])(
    'the alias %j',
    (alias) => {
      const entry = JSON.stringify({ alias, type: 'sqlite', connection_string: 'x.db' });
      expect(problems({}, `duckdb: {attached_databases: [${entry}]}`)).toEqual([
        expect.stringMatching(/^duckdb\.attached_databases\[0\]\.alias: must be a name/),
      ]);
    },
  );

  it.each(['10.0.0.0/33', '::1/129', 'everyone', '1.2.3'])('the trusted proxy %j', (address) => {
    expect(problems({}, `server: {trust_proxy: ['${address}']}`)).toHaveLength(1);
  });

  it('a file that is not there, is a folder, is no YAML, or is no mapping', () => {
    expect(problems({ CONFIG_FILE: join(cwd, 'none.yaml') })).toEqual([expect.stringContaining('ENOENT')]);
    expect(problems({ CONFIG_FILE: cwd })).toEqual([expect.stringContaining('is a folder')]);
    expect(problems({}, 'a: [1\nb: "hunter2')).toEqual([
      expect.stringMatching(/config\.yaml:\d+:\d+: is not valid YAML/),
    ]);
    expect(problems({}, 'a: [1\nb: "hunter2').join()).not.toContain('hunter2');
    expect(problems({}, 'a: &a {b: *a}')).toEqual([expect.stringContaining('aliases')]);
    expect(problems({}, '- 1')).toEqual([expect.stringContaining('section')]);
  });
});

import { readFileSync, statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CommandGetCatalogsSchema,
  CommandGetDbSchemasSchema,
  CommandGetSqlInfoSchema,
  CommandGetTablesSchema,
} from '../../libs/flight-sql/src/gen/arrow/flight/protocol/FlightSql_pb.js';
import { asText } from './support/escapes/unprotected.js';
import { FlightClient } from './support/flight.js';
import { marketSql } from './support/four-databases.js';
import { freePort } from './support/ports.js';
import { Postgres, describeWithPostgres, postgresStrings } from './support/postgres.js';
import { madeAtDeath, openedBy, processList, startPlain } from './support/proc-reads.js';
import { environmentOf, userOf } from './support/processes.js';
import { Product } from './support/product.js';
import { until } from './support/until.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;
const asRoot = process.getuid?.() === 0;

/** Part of each password here; a text holds it as it is, or as base64 or hexadecimal digits. */
const PLANTED = 'planted';
const FORMS = [
  /planted/i,
  new RegExp(Buffer.from(PLANTED).toString('hex'), 'i'),
  ...[0, 1, 2].map((shift) => {
    const encoded = Buffer.from('.'.repeat(shift) + PLANTED).toString('base64');
    // Without what depends on the neighbours.
    return new RegExp(encoded.slice(shift === 0 ? 0 : shift + 1, -4));
  }),
];
const holds = (text: string, secret: string) =>
  FORMS.some((form) => form.test(text)) || text.includes(secret);

describeWithPostgres('Passwords of the configuration', () => {
  let postgres: Postgres | undefined;
  let product: Product | undefined;
  let client: FlightClient;
  /** By which tokens are signed. */
  let secret = '';
  beforeAll(async () => {
    postgres = await Postgres.start(marketSql);
    const login = postgres.login('writer');
    const closed = await freePort();
    product = await Product.start(
      {},
      {
        databases: [
          { alias: 'pg', type: 'postgres', connection_string: postgresStrings.url(login) },
          {
            alias: 'wrong',
            type: 'postgres',
            connection_string: postgresStrings.url({ ...login, password: 'planted-wrong' }),
          },
          {
            alias: 'nowhere',
            type: 'postgres',
            connection_string: postgresStrings['keywords and values']({ ...login, port: closed }),
          },
          {
            alias: 'nomysql',
            type: 'mysql',
            connection_string: `mysql://planted-user:planted-pw@127.0.0.1:${closed}/planted-db`,
          },
        ],
      },
    );
    client = new FlightClient(product.grpcPort, product.token('ada'));
    await client.query('SELECT 1');
    secret = environmentOf(product.pid)
      .find((entry) => entry.startsWith('JWT_SECRET='))!
      .slice('JWT_SECRET='.length);
  });
  afterAll(async () => {
    client?.close();
    await product?.stop();
    await postgres?.remove();
  });

  it('are told from other texts here, in all their forms', () => {
    const encoded = (shift: number) => Buffer.from(`${'x'.repeat(shift)}p planted p`).toString('base64');
    for (const text of [
      'A Planted word',
      Buffer.from('a planted').toString('hex'),
      ...[0, 1, 2, 3].map(encoded),
    ])
      expect(holds(text, secret)).toBe(true);
    expect(secret.length).toBeGreaterThan(31);
    expect(holds(`... ${secret} ...`, secret)).toBe(true);
    expect(holds('an innocent text', secret)).toBe(false);
  });

  it.each([
    'FROM duckdb_databases()',
    'FROM duckdb_settings()',
    'FROM duckdb_variables()',
    'FROM duckdb_extensions()',
    'FROM duckdb_logs',
    'FROM duckdb_log_contexts()',
    'FROM duckdb_prepared_statements()',
    'FROM duckdb_tables()',
    'FROM duckdb_views()',
    'FROM duckdb_schemas()',
    'FROM duckdb_dependencies()',
    'FROM duckdb_memory()',
    'FROM duckdb_temporary_files()',
    'FROM duckdb_external_file_cache()',
    'FROM duckdb_secret_types()',
    'FROM duckdb_secrets()',
    'SHOW DATABASES',
    'SHOW ALL TABLES',
    'PRAGMA database_list',
    'PRAGMA user_agent',
    'EXPLAIN SELECT * FROM pg.public.visits WHERE id = 1',
    'EXPLAIN ANALYZE SELECT * FROM pg.public.visits WHERE id = 1',
    'EXPLAIN (FORMAT json) SELECT * FROM pg.crm.cards',
    'SELECT json_serialize_plan($$FROM pg.crm.cards$$, optimize := true)',
    'SELECT current_query()',
    'SELECT * FROM pg.pg_catalog.pg_stat_activity',
    'SELECT * FROM pg.pg_catalog.pg_roles',
    'SELECT * FROM pg.pg_catalog.pg_user_mappings',
    'SELECT * FROM pg.pg_catalog.pg_settings',
    'FROM wrong.public.visits',
    'FROM nowhere.public.visits',
    'FROM nomysql.visits',
    'USE nowhere',
    'DESCRIBE nomysql.visits',
    'INSERT INTO pg.crm.cards VALUES (1)',
    "SELECT error('x') FROM pg.crm.cards",
    'CALL pg_clear_cache()',
  ])('come back by no statement: %s', async (sql) => {
    const told = await client.query(sql).then(asText, (error: object) => String(error) + carried(error));
    const prepared = await client
      .prepare(sql)
      .then(
        async (handle) => asText(await client.rows(await client.preparedInfo(handle))),
        (error: object) => String(error) + carried(error),
      )
      .catch((error: object) => String(error) + carried(error));
    expect([told, prepared].filter((text) => holds(text, secret))).toEqual([]);
  });

  it('are in no ticket, handle or transaction, and in no list of the catalog', async () => {
    const info = await client.info('SELECT * FROM pg.public.visits');
    const bytes = [
      await client.prepare('SELECT * FROM pg.public.visits'),
      await client.begin(),
      info.schema,
      ...info.endpoint.map(({ ticket }) => ticket!.ticket),
    ].map((part) => Buffer.from(part).toString('latin1'));
    const lists = await Promise.all([
      client.list(CommandGetCatalogsSchema, {}),
      client.list(CommandGetDbSchemasSchema, {}),
      client.list(CommandGetTablesSchema, { includeSchema: true }),
      client.list(CommandGetSqlInfoSchema, {}),
    ]);
    const texts = [...bytes, ...lists.map(asText)];
    expect(texts.every((text) => text.length > 0)).toBe(true);
    expect(texts.filter((text) => holds(text, secret))).toEqual([]);
  });

  it('are not told to who has no good token, on either port', async () => {
    const stranger = new FlightClient(product!.grpcPort, 'no.good.token');
    const refused = await stranger.query('SELECT 1').catch((error: object) => String(error) + carried(error));
    stranger.close();
    expect(refused).toMatch(/UNAUTHENTICATED/);
    const paths = [
      '/',
      '/health',
      '/ready',
      '/health/detailed',
      '/metrics',
      '/docs-json',
      '/query',
      '/nothing/here',
    ];
    const answers = await Promise.all(
      [...paths, '/%zz', '/query?sql=x'].map(async (path) => {
        const answer = await fetch(product!.httpUrl + path);
        return JSON.stringify([...answer.headers]) + (await answer.text());
      }),
    );
    const posted = await fetch(`${product!.httpUrl}/auth/demo-token`, { method: 'POST', body: '{' });
    const texts = [refused as string, ...answers, await posted.text()];
    expect(texts.filter((text) => holds(text, secret))).toEqual([]);
  });

  it('are in no log and no list of processes', async () => {
    await expect(client.query('FROM wrong.public.visits')).rejects.toThrow(/"wrong"/);
    const lines = product!.log();
    // Where something did go wrong at a sign-in, the log says so.
    expect(lines.join('\n')).toMatch(/wrong is not attached/);
    expect(lines.filter((line) => holds(line, secret))).toEqual([]);
    const commands = processList();
    expect(commands).toContain('engine');
    for (const password of ['planted p@ss', 'planted-wrong', 'planted-pw', secret])
      expect(commands).not.toContain(password);
  });

  it('are in no environment but that of the proxy itself, which nobody else reads', () => {
    const engines = product!.engines();
    const environments = engines.flatMap(environmentOf);
    expect(environments.filter((entry) => holds(entry, secret))).toEqual([]);
    // Where the proxy is not root, engines are of its user: there the sandbox holds them alone.
    const users = asRoot ? engines.map(userOf) : [];
    expect(users.flatMap((user) => openedBy(user, product!.pid))).toEqual([]);
  });
});

onLinux('The process of an engine', () => {
  let product: Product;
  const clients: FlightClient[] = [];
  /** The process of this user's engine, and its folder. Others may stand ready for whoever comes. */
  const engineOf = async (user: string): Promise<{ pid: number; folder: string }> => {
    const client = new FlightClient(product.grpcPort, product.token(user));
    clients.push(client);
    const [row] = await client.query("SELECT current_setting('temp_directory') AS spill");
    const folder = String(row!['spill']);
    const { uid } = statSync(folder);
    return { pid: product.engines().find((pid) => userOf(pid) === uid)!, folder };
  };
  beforeEach(async () => {
    product = await Product.start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await product?.stop();
  });

  it("is read by nobody: not by another engine's user, nor by its own, who could read any other of theirs", async () => {
    const [ada, ben] = [await engineOf('ada'), await engineOf('ben')];
    for (const user of [userOf(ada.pid), userOf(ben.pid)]) {
      const plain = await startPlain(user);
      try {
        expect(openedBy(user, plain.pid)).toEqual(expect.arrayContaining(['environ', 'mem', 'maps', 'fd']));
        expect(openedBy(user, ada.pid)).toEqual([]);
      } finally {
        plain.end();
      }
    }
  });

  it.each(['SIGABRT', 'SIGSEGV'] as const)(
    'leaves no core dump by %s, where others leave one',
    async (signal) => {
      const ada = await engineOf('ada');
      const plain = await startPlain(userOf(ada.pid));
      // Where a program gets the dumps, files tell nothing: there the limits and the flag below do.
      const inFolder = /^core[^/]*$/.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim());
      try {
        const others = await madeAtDeath(plain.pid, plain.folder, signal);
        expect(others.some((name) => name.startsWith('core'))).toBe(inFolder);
      } finally {
        plain.end();
      }
      expect(readFileSync(`/proc/${ada.pid}/limits`, 'utf8')).toMatch(/^Max core file size +0 +0 /m);
      const made = await madeAtDeath(ada.pid, ada.folder, signal);
      expect(made.filter((name) => name.startsWith('core'))).toEqual([]);
      await until('its end is in the log', () => product.log('msg="Container died"').length > 0);
      expect(product.log('msg="Container died"')[0]).toContain(signal);
      expect(await clients[0]!.query('SELECT 2::INTEGER AS n')).toEqual([{ n: 2 }]);
    },
  );
});

/** What an error carries besides its message. */
function carried(error: object): string {
  const { metadata } = error as { metadata?: { toJSON(): unknown } };
  return asText({ ...error, metadata: metadata?.toJSON() });
}

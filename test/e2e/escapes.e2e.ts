import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  CommandGetDbSchemasSchema,
  CommandGetTablesSchema,
} from '../../libs/flight-sql/src/gen/arrow/flight/protocol/FlightSql_pb.js';
import type { Ask, Attack } from './support/escapes/attack.js';
import { NameClient } from './support/escapes/client.js';
import { ATTACKS } from './support/escapes/holes.js';
import { setExtensionFile } from './support/escapes/statements.js';
import { Unprotected, asText } from './support/escapes/unprotected.js';
import type { Protection } from './support/escapes/protection.js';
import { makeTemplate, removeWorlds } from './support/escapes/template.js';
import { World } from './support/escapes/world.js';
import { FlightClient } from './support/flight.js';
import { marketSql } from './support/four-databases.js';
import { Postgres, describeWithPostgres, postgresStrings } from './support/postgres.js';
import { prepared } from './support/prepared.js';
import { Product } from './support/product.js';

/** Each shown to succeed where one protection is left out, then tried on a real engine. */
const LEAST = 150;
let counted = 0;

describeWithPostgres('SQL of strangers', () => {
  let template = '';
  let postgres: Postgres | undefined;
  let product: Product | undefined;
  let real: World;
  let worlds = 0;
  const unprotected = new Map<Protection, { side: Unprotected; world: World }>();

  beforeAll(async () => {
    setExtensionFile(extensionNobodyLoads());
    template = await makeTemplate();
    postgres = await Postgres.start(marketSql);
    real = await World.make(template, 'real', postgres);
    const url = postgresStrings.url(postgres.login('writer'));
    product = await Product.start(
      {},
      {
        databases: [
          { alias: 'pg', type: 'postgres', connection_string: url },
          { alias: 'lite', type: 'sqlite', connection_string: real.path('lite.sqlite') },
          { alias: 'duck', type: 'duckdb', connection_string: real.path('duck.duckdb') },
          { alias: 'spare', type: 'duckdb', connection_string: real.path('spare.duckdb') },
        ],
      },
    );
  }, 120_000);
  afterAll(async () => {
    for (const { side } of unprotected.values()) await side.close();
    await product?.stop();
    await postgres?.remove();
    removeWorlds(template);
  });

  let client: FlightClient;
  beforeEach(async () => {
    client = new FlightClient(product!.grpcPort, product!.token('mallory'));
    await client.logIn();
  });
  afterEach(() => client?.close());

  it.each(ATTACKS.map((attack, number) => ({ ...attack, number })))(
    '$number. $hole: $technique',
    async ({ number, ...attack }) => {
      const { side, world } = await without(attack);
      const elsewhere = await attempt(attack, number, world, onUnprotected(side, attack), (sql) =>
        side.rows(sql),
      );
      expect(elsewhere).toEqual({ ...elsewhere, succeeded: true });
      if (attack.breaks) {
        unprotected.delete(attack.without);
        await side.close();
      }
      counted++;
      const here = await attempt(attack, number, real, onEngine(attack), (sql) =>
        client.query(sql).then(asText),
      );
      expect(here).toEqual({ ...here, succeeded: false });
    },
  );

  it('crashes nothing by a pointer in a serialized statement', async () => {
    const sql = `FROM json_execute_serialized_sql(replace(json_serialize_sql('FROM arrow_scan(4660, 4660, 4660)')::VARCHAR,
      '"id":"INTEGER"', '"id":"POINTER"')::JSON)`;
    const spill = join(template, '..', 'crash');
    const child = spawnSync(process.execPath, ['test/e2e/support/escapes/crash.mjs', spill, sql], {
      encoding: 'utf8',
    });
    expect(child.stdout).not.toMatch(/survived|refused/);
    expect({ signal: child.signal, errors: child.stderr }).toEqual({ signal: 'SIGSEGV', errors: '' });
    counted++;
    await client.query('SELECT 1');
    const engines = product!.engines();
    await expect(client.query(sql)).rejects.toThrow(/json_execute_serialized_sql is not allowed/);
    expect(product!.engines()).toEqual(engines);
    expect(engines).not.toEqual([]);
  });

  it('has left everything as it was', async () => {
    expect(await postgres!.run('SELECT count(*) FROM real.hits')).toBe('0\n');
    expect(
      await client.query('FROM duck.notes UNION ALL FROM lite.notes UNION ALL FROM spare.notes'),
    ).toEqual(Array.from({ length: 3 }, () => ({ note: 'open' })));
    expect(readdirSync(real.path('out'))).toEqual([]);
  });

  it(`has tried at least ${LEAST} attacks that succeed elsewhere`, () => {
    process.stdout.write(
      `${counted} attacks that succeed on an unprotected engine were tried on a real one.\n`,
    );
    expect(counted).toBe(ATTACKS.length + 1);
    expect(counted).toBeGreaterThanOrEqual(LEAST);
  });

  /** The side that this attack succeeds on; attacks share it unless they break it. */
  async function without({ without: left, breaks }: Attack) {
    const known = unprotected.get(left);
    if (known && !breaks) return known;
    if (known) await known.side.close();
    const world = await World.make(template, `left${++worlds}`, postgres!);
    const opened = { side: await Unprotected.open(world, left), world };
    unprotected.set(left, opened);
    return opened;
  }

  function onEngine(attack: Attack): Run {
    const text = (answer: Promise<unknown>) => answer.then(asText, (error: unknown) => String(error));
    return async (sql, last) => {
      const { way = 'query', technique } = attack;
      if (way === 'update' && last) return text(client.update(sql));
      if (way === 'prepared' && last)
        return text(
          client.prepare(sql).then(async (handle) => client.rows(await client.preparedInfo(handle))),
        );
      if (way === 'metadata') return text(listed(client, technique, sql));
      if (way === 'query' || way === 'cast' || !last) return text(client.query(sql));
      const names = new NameClient(product!.grpcPort, product!.token('mallory'));
      try {
        return await (way === 'ingest' ? names.ingest(sql) : names.setOption(technique, sql));
      } finally {
        names.close();
      }
    };
  }
});

/** Runs a step of an attack and answers what came back. */
type Run = (sql: string, last: boolean) => Promise<string>;

interface Outcome {
  readonly succeeded: boolean;
  /** What came back of its steps. */
  readonly answers: readonly string[];
}

/** Does the steps of an attack and looks for its effect; errors of single steps do not end it. */
async function attempt(
  { steps, effect }: Attack,
  number: number,
  world: World,
  run: Run,
  ask: Ask,
): Promise<Outcome> {
  const sql = await steps(world, number);
  const state = async () => ('changes' in effect ? effect.changes(world, ask) : '');
  const before = await state();
  const answers: string[] = [];
  for (const [index, step] of sql.entries()) answers.push(await run(step, index === sql.length - 1));
  if ('returns' in effect) return { succeeded: answers.join('\n').includes(effect.returns), answers };
  if ('changes' in effect) return { succeeded: (await state()) !== before, answers };
  const path = await effect.makes(world);
  const made = existsSync(path);
  rmSync(path, { recursive: true, force: true });
  return { succeeded: made, answers };
}

function onUnprotected(side: Unprotected, { way = 'query', technique }: Attack): Run {
  const text = (answer: Promise<string>) => answer.catch((error: unknown) => String(error));
  return (sql, last) => {
    if (way === 'prepared' && last) return text(side.prepared(sql));
    if (way === 'cast') return text(side.run(castAfterTheLastSemicolon(sql)).then(String));
    if (way === 'ingest')
      return text(
        side
          .run(`CREATE TABLE IF NOT EXISTS harmless (i INTEGER)`)
          .then(() => side.run(`INSERT INTO ${sql}`))
          .then(String),
      );
    if (way === 'options') return text(side.run(optionStatement(technique, sql)).then(String));
    if (way === 'metadata') return text(side.run(`SELECT 1 WHERE 'x' LIKE '${sql}`).then(String));
    // What rows are not asked of DuckDB runs as it is: kinds of statements are refused where they are prepared.
    return text(
      side.rows(sql).catch(async (error: unknown) => {
        await side.run(sql);
        return String(error);
      }),
    );
  };
}

/** The query around a client's, where that is taken to end at its last semicolon, whatever that is part of. */
function castAfterTheLastSemicolon(sql: string): string {
  const name = /AS (".*?")/.exec(sql)?.[1];
  const cut = sql.slice(0, sql.lastIndexOf(';'));
  return `FROM (${cut}\n) AS result(c0, c1) SELECT CAST(c0 AS VARCHAR) AS ${name}, c1`;
}

const optionStatement = (name: string, value: string) =>
  ({ catalog: `USE ${value}`, schema: `USE memory."${value}`, timezone: `SET TimeZone = '${value}` })[name] ??
  '';

function listed(client: FlightClient, filter: string, text: string) {
  if (filter === 'schema pattern')
    return client.list(CommandGetDbSchemasSchema, { dbSchemaFilterPattern: text });
  const catalog = filter === 'catalog' ? { catalog: text } : { tableNameFilterPattern: text };
  return client.list(CommandGetTablesSchema, { ...catalog, includeSchema: true });
}

function extensionNobodyLoads(): string {
  const name = 'tpch.duckdb_extension';
  const found = readdirSync(prepared.extensions, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(name),
  );
  if (found === undefined) throw new Error(`${prepared.extensions} has no ${name}.`);
  return join(prepared.extensions, found);
}

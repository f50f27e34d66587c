import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FlightClient } from './support/flight.js';
import { marketSql, stockSql } from './support/four-databases.js';
import { Mariadb, describeWithMariadb, mariadbStrings } from './support/mariadb.js';
import { plantedIn } from './support/planted.js';
import { Postgres, describeWithPostgres, postgresStrings } from './support/postgres.js';
import { prepared } from './support/prepared.js';
import { Product, type ConfiguredDatabase } from './support/product.js';
import { setStorageVersion } from './support/duckdb-file.js';
import { SilentHost } from './support/silent-host.js';
import { until } from './support/until.js';

/** Longer than it takes to notice that a database is back, and that the engine is not used. */
const LONGER_THAN_A_LOOK_MS = 20_000;

let product: Product | undefined;
let client: FlightClient;

/** For tests that wait for the product to notice something. */
const WITH_PATIENCE_MS = 90_000;

/** The product with the samples and these databases. */
async function startWith(...databases: ConfiguredDatabase[]): Promise<Product> {
  product = await Product.start({}, { databases: [...prepared.databases, ...databases] });
  client = new FlightClient(product.grpcPort, product.token('ada'));
  return product;
}

afterEach(async () => {
  client?.close();
  await product?.stop();
  product = undefined;
});

const othersWork = async () =>
  expect(await client.query('SELECT count(*)::INTEGER AS n FROM shop.drinks')).toEqual([{ n: 12 }]);

/** Asks with pauses: an engine that lacks a database makes room for a new one when nobody uses it. */
const worksAgain = (sql: string) =>
  until(
    'the database works again',
    async () => {
      await sleep(5000);
      return client.query(sql).then(
        (rows) => rows.length > 0,
        () => false,
      );
    },
    45_000,
  );

interface Server {
  readonly port: number;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** What holds for both kinds of servers alike. */
function describeOutages(
  kind: string,
  make: () => Promise<{ server: Server; connection_string: string }>,
  sql: string,
): void {
  let server: Server;
  let database: ConfiguredDatabase;
  const refusal = { code: 14, message: expect.stringMatching(/database "away" .*not available/) };

  beforeEach(async () => {
    const made = await make();
    server = made.server;
    database = { alias: 'away', type: kind, connection_string: made.connection_string };
  });
  afterEach(() => server?.remove());

  it(
    'that is down at the start keeps nothing else from working, and works after its return',
    async () => {
      await server.stop();
      const running = await startWith(database);
      await othersWork();
      await expect(client.query(sql)).rejects.toMatchObject(refusal);
      expect(await plantedIn(running, client, [sql])).toEqual([]);
      await server.start();
      await worksAgain(sql);
    },
    WITH_PATIENCE_MS,
  );

  it(
    'that stops in mid-work is named, and works after its return',
    async () => {
      const running = await startWith(database);
      expect(await client.query(sql)).toHaveLength(1);
      await server.stop();
      await expect(client.query(sql)).rejects.toMatchObject(refusal);
      expect(await plantedIn(running, client, [sql])).toEqual([]);
      await othersWork();
      await server.start();
      await worksAgain(sql);
    },
    WITH_PATIENCE_MS,
  );

  it(
    'that refuses the password is named; the engine, and what the user made in it, stays',
    async () => {
      const running = await startWith({
        ...database,
        connection_string: database.connection_string.replace('planted', 'planted-wrong'),
      });
      await client.query('CREATE TABLE mine AS SELECT 7 AS n');
      await expect(client.query(sql)).rejects.toMatchObject(refusal);
      expect(await plantedIn(running, client, [sql])).toEqual([]);
      await sleep(LONGER_THAN_A_LOOK_MS);
      expect(await client.query('FROM mine')).toEqual([{ n: 7 }]);
      expect(running.log('msg="Container spawned"')).toHaveLength(1);
    },
    WITH_PATIENCE_MS,
  );
}

describeWithPostgres('A PostgreSQL database', () =>
  describeOutages(
    'postgres',
    async () => {
      const server = await Postgres.start(marketSql);
      return { server, connection_string: postgresStrings.url(server.login('reader')) };
    },
    "SELECT discount FROM away.crm.cards WHERE card = 'gold'",
  ),
);

describeWithMariadb('A MariaDB database', () =>
  describeOutages(
    'mysql',
    async () => {
      const server = await Mariadb.start(stockSql);
      return { server, connection_string: mariadbStrings.url(server.login('reader')) };
    },
    'SELECT cost FROM away.suppliers WHERE drink_id = 1',
  ),
);

describe('A host that takes connections and says nothing', () => {
  it.each([
    ['postgres', 'public.t'],
    ['mysql', 't'],
  ])(
    'does not keep an engine from starting, as %s',
    async (type, table) => {
      const host = await SilentHost.start();
      try {
        const connection_string = `${type}://someone:planted@127.0.0.1:${host.port}/db`;
        const running = await startWith({ alias: 'mute', type, connection_string });
        const asked = Date.now();
        await othersWork();
        expect(Date.now() - asked).toBeLessThan(15_000);
        const sql = `SELECT * FROM mute.${table}`;
        await expect(client.query(sql)).rejects.toMatchObject({
          code: 14,
          message: expect.stringContaining('"mute"'),
        });
        expect(await plantedIn(running, client, [sql])).toEqual([]);
        await client.query('CREATE TABLE mine AS SELECT 7 AS n');
        await sleep(LONGER_THAN_A_LOOK_MS);
        expect(await client.query('FROM mine')).toEqual([{ n: 7 }]);
      } finally {
        host.stop();
      }
    },
    WITH_PATIENCE_MS,
  );
});

describe('A DuckDB file of a newer format', () => {
  it('is told as such, and the other databases work', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'newer-'));
    chmodSync(folder, 0o755);
    try {
      const path = join(folder, 'newer.duckdb');
      copyFileSync(prepared.databases.find(({ type }) => type === 'duckdb')!.connection_string, path);
      setStorageVersion(path, 9999n);
      await startWith({ alias: 'later', type: 'duckdb', connection_string: path });
      await othersWork();
      await expect(client.query('FROM later.t')).rejects.toMatchObject({
        message: expect.stringMatching(/"later".*newer/),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

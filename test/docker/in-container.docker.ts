import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomId } from '@pondpilot/kernel';
import { labelOf } from '../e2e/support/docker.js';
import type { FlightClient } from '../e2e/support/flight.js';
import { describeWithPostgres, postgresPassword } from '../e2e/support/postgres.js';
import { prepared } from '../e2e/support/prepared.js';
import { until } from '../e2e/support/until.js';
import { docker, execIn } from './support/docker.js';
import { PostgresContainer } from './support/postgres-container.js';
import { ProxyContainer } from './support/proxy-container.js';
import { reachableFrom } from './support/reach.js';

const network = `pondpilot-test-${randomId()}`;
const folder = mkdtempSync(join(tmpdir(), 'shared-data-'));
let proxy: ProxyContainer | undefined;
const clients: FlightClient[] = [];

/** A service of the machine that containers run on, on all of its addresses. */
const service = createServer((socket) => socket.end());
let servicePort = 0;

beforeAll(async () => {
  await new Promise<void>((done) => service.listen(0, '0.0.0.0', done));
  servicePort = (service.address() as AddressInfo).port;
  await docker.createNetwork({ Name: network, Driver: 'bridge' });
  chmodSync(folder, 0o755);
  for (const { connection_string: file } of prepared.databases)
    cpSync(file, join(folder, file.split('/').at(-1)!));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await proxy?.remove();
  proxy = undefined;
});
afterAll(async () => {
  service.close();
  await docker.getNetwork(network).remove();
  rmSync(folder, { recursive: true, force: true });
});

async function connect(user: string): Promise<FlightClient> {
  const client = await proxy!.client(user);
  clients.push(client);
  return client;
}

const engines = () => docker.listContainers({ filters: { label: [labelOf(proxy!.secret)] } });
const networksOf = async (id: string) => (await docker.getContainer(id).inspect()).NetworkSettings.Networks;

/** The sample databases, as the proxy sees them in its container. */
const samples = prepared.databases.map(({ alias, type, connection_string: file }) => ({
  alias,
  type,
  connection_string: `/data/${file.split('/').at(-1)}`,
}));

describe('A proxy in a container', () => {
  it('gives engines the files that it has mounted itself, for reading', async () => {
    proxy = await ProxyContainer.start(network, { databases: samples, volumes: [`${folder}:/data`] });
    const client = await connect('ada');
    expect(
      await client.query(
        'SELECT count(*)::INTEGER > 0 AS there FROM shop.orders JOIN town.customers USING (customer_id)',
      ),
    ).toEqual([{ there: true }]);
    const [engine] = await engines();
    expect(await execIn(engine!.Id, ['sh', '-c', 'ls /data; touch /data/x 2>&1'])).toMatch(
      /Read-only file system|Permission denied/,
    );
  });

  it('refuses to start with a file that is in no mount, and says what to add', async () => {
    const databases = [{ alias: 'shop', type: 'duckdb', connection_string: '/elsewhere/shop.duckdb' }];
    proxy = await ProxyContainer.run(network, { databases });
    expect(await proxy.ended()).toBe(1);
    expect(await proxy.log()).toContain('add "- ./elsewhere:/elsewhere:ro" to its volumes');
  });

  it('keeps engines of two users apart, in networks of their own without a way out', async () => {
    proxy = await ProxyContainer.start(network);
    for (const user of ['ada', 'ben']) await (await connect(user)).query('SELECT 1');
    const [one, other] = await engines();
    const [ownName, own] = Object.entries(await networksOf(one!.Id))[0]!;
    const [others] = Object.values(await networksOf(other!.Id));
    expect((await docker.getNetwork(own.NetworkID).inspect()).Internal).toBe(true);
    const proxyInside = (await networksOf(proxy.id))[ownName]!.IPAddress;
    const places = {
      // Docker filters what it passes on, and not what comes to the host itself.
      'the host, by the address of its network': [own.Gateway, servicePort],
      "another user's engine": [others!.IPAddress, 8815],
      'the proxy, in the network that they share': [proxyInside, 8081],
      'the proxy, in its other network': [await proxy.address(), 8081],
    } as const;
    expect(await reachableFrom(one!.Id, places)).toEqual({
      'the host, by the address of its network': true,
      "another user's engine": false,
      'the proxy, in the network that they share': true,
      'the proxy, in its other network': false,
    });
  });

  it('is followed by one that finds its engines, and leaves no network when they end', async () => {
    proxy = await ProxyContainer.start(network);
    await (await connect('ada')).query('CREATE TABLE kept AS SELECT 7::INTEGER AS n');
    await proxy.kill();
    await proxy.restart();
    expect(await (await connect('ada')).query('FROM kept')).toEqual([{ n: 7 }]);
    const [engine] = await engines();
    const [name] = Object.keys(await networksOf(engine!.Id));
    await docker.getContainer(engine!.Id).kill();
    expect(await (await connect('ada')).query('SELECT 8::INTEGER AS n')).toEqual([{ n: 8 }]);
    expect((await docker.listNetworks()).map((each) => each.Name)).not.toContain(name);
  });

  it('says what to do where it may not use the socket', async () => {
    proxy = await ProxyContainer.run(network, { groups: [] });
    const running = proxy;
    await until('it says so', async () =>
      /add its group \(Compose: group_add: \[\\"\d+\\"\]/.test(await running.log()),
    );
    const url = `http://${await proxy.address()}:8080/ready`;
    const ready = await until('it listens', () => fetch(url).catch(() => undefined));
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      { reason: expect.stringContaining('group_add') },
    ]);
  });
});

describeWithPostgres('A database that is a container in the network of the proxy', () => {
  it('is reached by its name, and nothing else of that network is', async () => {
    const market = await PostgresContainer.start(
      network,
      'market-db',
      'CREATE TABLE prices AS SELECT 3 AS price',
    );
    const stranger = await PostgresContainer.start(network, 'other-db', 'SELECT 1');
    try {
      const databases = [
        {
          alias: 'market',
          type: 'postgres',
          connection_string: `postgresql://reader:${encodeURIComponent(postgresPassword)}@market-db:5432/market`,
        },
      ];
      proxy = await ProxyContainer.start(network, { databases });
      expect(await (await connect('ada')).query('SELECT price FROM market.public.prices')).toEqual([
        { price: 3 },
      ]);
      const [engine] = await engines();
      const places = {
        'the database': ['market-db', 5432],
        'another container of that network': [await stranger.address(), 5432],
        'the same by its name': ['other-db', 5432],
      } as const;
      expect(await reachableFrom(engine!.Id, places)).toEqual({
        'the database': true,
        'another container of that network': false,
        'the same by its name': false,
      });
    } finally {
      await proxy?.remove();
      proxy = undefined;
      await Promise.all([market.remove(), stranger.remove()]);
    }
  }, 120_000);

  it('is reached again by engines that run when it was made anew, with the next looks at readiness', async () => {
    const start = (price: number) =>
      PostgresContainer.start(network, 'market-db', `CREATE TABLE prices AS SELECT ${price} AS price`);
    let market = await start(3);
    try {
      const databases = [
        {
          alias: 'market',
          type: 'postgres',
          connection_string: `postgresql://reader:${encodeURIComponent(postgresPassword)}@market-db:5432/market`,
        },
      ];
      proxy = await ProxyContainer.start(network, { databases });
      const ada = await connect('ada');
      expect(await ada.query('SELECT price FROM market.public.prices')).toEqual([{ price: 3 }]);
      const before = await engines();
      await market.remove();
      market = await start(4);
      const answered = async () => {
        await proxy!.ready();
        const rows = await ada.query('SELECT price FROM market.public.prices').catch(() => []);
        return rows.length > 0;
      };
      await until('the engine reaches its database again', answered, 60_000);
      expect(await ada.query('SELECT price FROM market.public.prices')).toEqual([{ price: 4 }]);
      expect((await engines()).map(({ Id }) => Id)).toEqual(before.map(({ Id }) => Id));
    } finally {
      await proxy?.remove();
      proxy = undefined;
      await market.remove();
    }
  }, 120_000);
});

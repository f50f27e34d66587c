import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { ManualClock } from '@pondpilot/kernel';
import { file, server } from '../docker.harness.js';
import { FakeMachine, type FakeContainer, type FakeNetwork } from '../fake-machine.harness.js';
import { DEPLOYMENT_LABEL, ENGINE_LABEL, HOSTS_LABEL } from '../labels.js';
import { NetworkPerEngine } from './network-per-engine.js';

const ENGINE = '0123456789abcdef';
const OTHER = 'fedcba9876543210';
const sales = server('postgres://ann:secret@db/sales');
let machine: FakeMachine;
let proxy: FakeContainer;
let clock: ManualClock;

beforeEach(async () => {
  clock = new ManualClock(0);
  machine = new FakeMachine();
  await machine.start();
  proxy = machine.run('shop-proxy-1', { aliases: { shop_default: ['proxy'], bridge: [] } });
});
afterEach(() => machine.stop());

async function networks(configured = 'bridge'): Promise<NetworkPerEngine> {
  const own = await machine.docker.getContainer(proxy.id).inspect();
  return new NetworkPerEngine({ docker: machine.docker, deployment: 'abc', configured, own, clock });
}

async function entered(...databases: AttachedDatabase[]): Promise<FakeNetwork> {
  return machine.network(await (await networks()).enter(ENGINE, databases))!;
}

const subnetOf = ({ request }: FakeNetwork) =>
  (request as { IPAM: { Config: [{ Subnet: string }] } }).IPAM.Config[0].Subnet;

describe("an engine's network", () => {
  it('has the proxy in it and nobody else, and no way out where no database is a server', async () => {
    machine.run('bystander', { aliases: { shop_default: ['db'] } });
    const network = await entered(file('/data/shop.sqlite'));
    expect([...network.members.keys()]).toEqual([proxy.id]);
    expect(network).toMatchObject({
      labels: { [ENGINE_LABEL]: ENGINE, [DEPLOYMENT_LABEL]: 'abc' },
      request: { Driver: 'bridge', Internal: true },
    });
    expect(subnetOf(network)).toMatch(/^198\.1[89]\.\d+\.\d+\/29$/);
  });

  it('has those of its databases that are containers beside the proxy, by the names that they are called', async () => {
    const db = machine.run('shop-db-1', { aliases: { shop_default: ['db', 'main'] } });
    const mysql = machine.run('warehouse', { aliases: { shop_default: ['wh'] } });
    machine.run('shop-cache-1', { aliases: { shop_default: ['cache'] } });
    const network = await entered(sales, server('mysql://ann:secret@warehouse/stock', 'mysql'));
    expect([...network.members]).toEqual([
      [proxy.id, []],
      [db.id, ['db']],
      [mysql.id, ['warehouse']],
    ]);
    // All of them are here: nothing outside is needed.
    expect(network.request).toMatchObject({ Internal: true });
  });

  it('has a way out where a database is elsewhere', async () => {
    machine.run('shop-db-1', { aliases: { shop_default: ['db'] } });
    const network = await entered(sales, server('host=far.example user=ann'));
    expect(network.request).toMatchObject({ Internal: false });
    expect(network.members.size).toBe(2);
  });

  it('has room for the next proxy beside many databases', async () => {
    const hosts = Array.from({ length: 20 }, (_, at) => `db${at}`);
    for (const host of hosts) machine.run(host, { aliases: { shop_default: [host] } });
    const network = await entered(server(`host=${hosts.join(',')} user=ann`));
    expect(network.members.size).toBe(21);
    expect(subnetOf(network)).toMatch(/\/27$/);
  });

  it("takes no stranger's container for a database: not of another network, no engine, not the proxy", async () => {
    machine.run('stranger', { aliases: { elsewhere: ['db'] } });
    machine.run('on-bridge', { aliases: { bridge: ['db'] } });
    machine.run('engine', { aliases: { shop_default: ['db'] }, labels: { [ENGINE_LABEL]: OTHER } });
    const network = await entered(sales, server('host=proxy user=ann'));
    expect([...network.members.keys()]).toEqual([proxy.id]);
    expect(network.request).toMatchObject({ Internal: false });
  });

  it('finds databases in networks that the proxy was put into since', async () => {
    const made = await networks();
    const db = machine.run('db', { aliases: { late: [] } });
    machine.network('late')?.members.set(proxy.id, []);
    const network = machine.network(await made.enter(ENGINE, [sales]))!;
    expect([...network.members.keys()]).toContain(db.id);
  });

  it('is tried elsewhere where its subnet is taken', async () => {
    let refusals = 3;
    machine.on('POST /networks/create', () =>
      refusals-- > 0 ? [403, { message: 'Pool overlaps with other one on this address space' }] : undefined,
    );
    expect((await entered()).members.size).toBe(1);
    const subnets = machine.asked('POST /networks/create').map(({ body }) => JSON.stringify(body['IPAM']));
    expect(subnets).toHaveLength(4);
    expect(new Set(subnets).size).toBeGreaterThan(1);
  });

  it('is not tried for ever, nor after another refusal', async () => {
    machine.on('POST /networks/create', [403, { message: 'Pool overlaps with other one' }]);
    await expect(entered()).rejects.toThrow("The engine's network could not be made: ");
    const tries = machine.asked('POST /networks/create').length;
    expect(tries).toBeLessThanOrEqual(20);
    machine.on('POST /networks/create', [500, { message: 'no space left' }]);
    await expect(entered()).rejects.toThrow('no space left');
    expect(machine.asked('POST /networks/create')).toHaveLength(tries + 1);
  });

  it('leaves nothing where somebody can not be put into it', async () => {
    machine.run('db', { aliases: { shop_default: [] } });
    machine.on('POST /networks/*/connect', ({ body }) =>
      body['Container'] === proxy.id ? undefined : [500, { message: 'no more endpoints' }],
    );
    await expect(entered(sales)).rejects.toThrow('no more endpoints');
    expect(machine.networks.map(({ name }) => name).toSorted()).toEqual(['bridge', 'shop_default']);
  });
});

describe('networks of engines', () => {
  it('are found, joined by the next proxy, left when it goes, and removed one by one', async () => {
    const made = await networks();
    const [one, other] = await Promise.all([made.enter(ENGINE, []), made.enter(OTHER, [])]);
    machine.addNetwork('of-others', { labels: { [ENGINE_LABEL]: 'x', [DEPLOYMENT_LABEL]: 'another' } });
    expect((await made.engineIds()).toSorted()).toEqual([ENGINE, OTHER].toSorted());
    await made.detach();
    expect([one, other].map((name) => machine.network(name)?.members.size)).toEqual([0, 0]);
    expect(machine.network('shop_default')?.members.size).toBe(1);
    await made.join(ENGINE);
    await made.join(ENGINE);
    expect(machine.network(one)?.members.has(proxy.id)).toBe(true);
    await made.remove(ENGINE);
    await made.remove(ENGINE);
    expect(await made.engineIds()).toEqual([OTHER]);
  });

  it("sort after the proxy's own, so that its way out stays", async () => {
    const { name } = await entered();
    expect([name, 'shop_default', 'z'].toSorted().at(-1)).toBe(name);
  });
});

describe("a database's container", () => {
  const stock = server('mysql://ann:secret@warehouse/stock', 'mysql');
  /** As `docker compose up` with another image: the old one is gone, and with it what it was in. */
  async function recreated(name: string): Promise<FakeContainer> {
    const { aliases } = machine.containers.find((one) => one.name === name)!;
    await machine.docker.getContainer(name).remove();
    return machine.run(name, { aliases });
  }
  const membersOf = (network: string) => [...machine.network(network)!.members];
  const connects = () => machine.calls.filter(({ path }) => path.endsWith('/connect')).length;

  it('that is made anew comes back to all engines that have it, by their names for it, and to no other', async () => {
    machine.run('shop-db-1', { aliases: { shop_default: ['db', 'main'] } });
    const warehouse = machine.run('warehouse', { aliases: { shop_default: [] } });
    const made = await networks();
    const one = await made.enter(ENGINE, [sales]);
    const other = await made.enter(OTHER, [stock, server('host=main user=ann')]);
    const demo = await made.enter('demo', [file('/data/shop.sqlite')]);
    const db = await recreated('shop-db-1');
    await made.mend();
    expect(membersOf(one)).toEqual([
      [proxy.id, []],
      [db.id, ['db']],
    ]);
    expect(membersOf(other)).toEqual([
      [proxy.id, []],
      [warehouse.id, ['warehouse']],
      [db.id, ['main']],
    ]);
    expect(membersOf(demo)).toEqual([[proxy.id, []]]);
  });

  it('that came after the engine is brought to it; there is room for all', async () => {
    const hosts = Array.from({ length: 20 }, (_, at) => `db${at}`);
    const made = await networks();
    const network = await made.enter(ENGINE, [server(`host=${hosts.join(',')} user=ann`)]);
    expect(subnetOf(machine.network(network)!)).toMatch(/\/27$/);
    for (const host of hosts) machine.run(host, { aliases: { shop_default: [host] } });
    await made.mend();
    expect(membersOf(network)).toHaveLength(21);
  });

  it('is looked for by the next proxy too, which knows the hosts by the network', async () => {
    machine.run('db', { aliases: { shop_default: [] } });
    const name = await (await networks()).enter(ENGINE, [sales]);
    expect(machine.network(name)?.labels).toMatchObject({ [HOSTS_LABEL]: 'db' });
    const db = await recreated('db');
    await (await networks()).mend();
    expect(machine.network(name)?.members.has(db.id)).toBe(true);
  });

  it('is looked for now and then, whoever asks, and left alone where it is there', async () => {
    machine.run('db', { aliases: { shop_default: [] } });
    const made = await networks();
    const name = await made.enter(ENGINE, [sales]);
    await made.mend();
    const before = connects();
    const db = await recreated('db');
    await made.mend();
    expect(connects()).toBe(before);
    clock.advance(20_000);
    await made.mend();
    expect(machine.network(name)?.members.has(db.id)).toBe(true);
    clock.advance(20_000);
    await made.mend();
    expect(connects()).toBe(before + 1);
  });

  it('that one network has no room for comes to the others; a daemon that is away is asked again', async () => {
    machine.run('db', { aliases: { shop_default: [] } });
    const made = await networks();
    const [full, free] = [await made.enter(ENGINE, [sales]), await made.enter(OTHER, [sales])];
    const db = await recreated('db');
    machine.on(`POST /networks/${full}/connect`, [500, { message: 'no available IPv4 addresses' }]);
    await machine.stop();
    await made.mend();
    await machine.start();
    clock.advance(20_000);
    await made.mend();
    expect([full, free].map((name) => machine.network(name)?.members.has(db.id))).toEqual([false, true]);
  });
});

describe('containers.network of a proxy in a container', () => {
  it.each(['bridge', 'shop_default', 'default'])('may be %s, as Compose names it or Docker', async (name) => {
    await expect((await networks(name)).prepare()).resolves.toBeUndefined();
  });

  it('is to be one that the proxy is in, by now', async () => {
    const made = await networks('analytics');
    await expect(made.prepare()).rejects.toThrow(
      "The proxy's container is not in the network analytics (containers.network, CONTAINER_NETWORK): docker network connect analytics shop-proxy-1, or leave the setting out.",
    );
    machine.addNetwork('analytics').members.set(proxy.id, []);
    await expect(made.prepare()).resolves.toBeUndefined();
  });

  it('needs no words', async () => expect(await (await networks()).notice()).toBeUndefined());
});

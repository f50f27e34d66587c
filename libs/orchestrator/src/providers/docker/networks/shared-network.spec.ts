import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { file, server } from '../docker.harness.js';
import { FakeMachine } from '../fake-machine.harness.js';
import { DEPLOYMENT_LABEL } from '../labels.js';
import { SharedNetwork, type SharedNetworkParts } from './shared-network.js';

const ICC = 'com.docker.network.bridge.enable_icc';
const sales = server('postgres://ann:secret@db.example/sales');
let machine: FakeMachine;

beforeEach(async () => {
  machine = new FakeMachine();
  await machine.start();
});
afterEach(() => machine.stop());

const shared = (changed: Partial<SharedNetworkParts> = {}) =>
  new SharedNetwork({
    docker: machine.docker,
    deployment: 'abc',
    configured: 'bridge',
    databases: [],
    ...changed,
  });
const names = () => machine.networks.map(({ name }) => name);

describe("the deployment's own network", () => {
  it('keeps engines from each other, and from all else where no database is a server', async () => {
    await shared({ databases: [file('/data/shop.sqlite')] }).prepare();
    expect(machine.networks).toHaveLength(1);
    expect(machine.networks[0]).toMatchObject({
      name: 'pondpilot-abc-closed',
      labels: { [DEPLOYMENT_LABEL]: 'abc' },
      request: { Driver: 'bridge', Internal: true, Options: { [ICC]: 'false' } },
    });
  });

  it('has a way out to databases that are servers', async () => {
    await shared({ databases: [sales] }).prepare();
    expect(machine.networks[0]).toMatchObject({
      name: 'pondpilot-abc',
      request: { Internal: false, Options: { [ICC]: 'false' } },
    });
  });

  it('is made once, however many want it at once, and found by the next proxy', async () => {
    const network = shared();
    const ids = await Promise.all([network.enter(), network.enter(), network.prepare(), network.enter()]);
    expect(machine.asked('POST /networks/create')).toHaveLength(1);
    expect(machine.networks).toHaveLength(1);
    expect(ids[0]).toBe(machine.networks[0]!.id);
    expect(await shared().enter()).toBe(ids[0]);
  });

  it('is not taken for one whose name begins alike', async () => {
    machine.addNetwork('pondpilot-abc-closed-by-hand');
    machine.addNetwork('pondpilot-abc-closed2');
    const id = await shared().enter();
    expect(machine.network(id)?.name).toBe('pondpilot-abc-closed');
  });

  it('is made again once it is gone', async () => {
    const network = shared();
    await network.prepare();
    machine.networks.splice(0);
    await network.enter();
    expect(names()).toEqual(['pondpilot-abc-closed']);
  });

  it('needs no words', async () => expect(await shared().notice()).toBeUndefined());

  it('is the oldest of two that proxies made in the same moment; the other one goes', async () => {
    machine.on('POST /networks/create', () => {
      if (machine.networks.length === 0)
        machine.addNetwork('pondpilot-abc-closed', { created: '2027-01-01T00:00:00Z' });
      return undefined;
    });
    const id = await shared().enter();
    expect(machine.networks.map((network) => network.id)).toEqual([id]);
    expect(machine.networks[0]).toMatchObject({ created: '2027-01-01T00:00:00Z' });
  });

  // Docker leaves out the noughts at the end of a fraction.
  it.each([
    ['2027-01-01T00:00:00.12Z', '2027-01-01T00:00:00.1234Z'],
    ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00.5Z'],
    ['2027-01-01T00:00:00.12+01:00', '2027-01-01T00:00:00.1234+01:00'],
  ])('goes by the time: %s is before %s', async (earlier, later) => {
    machine.addNetwork('pondpilot-abc-closed', { created: later });
    const { id } = machine.addNetwork('pondpilot-abc-closed', { created: earlier });
    expect(await shared().enter()).toBe(id);
  });

  it('stays while engines of another proxy are in it, and goes with the last', async () => {
    const network = shared();
    await network.prepare();
    const engine = machine.run('engine', { aliases: { 'pondpilot-abc-closed': [] } });
    await network.close();
    expect(names()).toEqual(['pondpilot-abc-closed']);
    machine.network('pondpilot-abc-closed')?.members.delete(engine.id);
    await network.close();
    expect(names()).toEqual([]);
    await network.close();
  });

  it('stays for engines that go on without this proxy, or without each other', async () => {
    const network = shared();
    await network.prepare();
    await network.join();
    await network.remove();
    await network.detach();
    expect(names()).toEqual(['pondpilot-abc-closed']);
    expect(await network.engineIds()).toEqual([]);
  });
});

describe("an operator's network", () => {
  it('is found by its name, and never made or removed', async () => {
    const network = shared({ configured: 'analytics' });
    await expect(network.prepare()).rejects.toThrow(
      'There is no network analytics (containers.network, CONTAINER_NETWORK): docker network create analytics, or leave the setting out.',
    );
    expect(machine.asked('POST /networks/create')).toEqual([]);
    const { id } = machine.addNetwork('analytics');
    expect(await network.enter()).toBe(id);
    await network.close();
    expect(names()).toEqual(['analytics']);
  });

  it('is told to let engines reach each other, unless it does not', async () => {
    machine.addNetwork('open');
    machine.addNetwork('shut', { request: { Options: { [ICC]: 'false' } } });
    expect(await shared({ configured: 'open' }).notice()).toMatch(
      /^In the network open \(containers\.network\) engines reach each other.*enable_icc=false\.$/,
    );
    expect(await shared({ configured: 'shut' }).notice()).toBeUndefined();
  });
});

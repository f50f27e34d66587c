import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectDaemon } from './daemon.js';
import { options } from './docker.harness.js';
import { FakeMachine } from './fake-machine.harness.js';
import { NetworkPerEngine } from './networks/network-per-engine.js';
import { SharedNetwork } from './networks/shared-network.js';
import { findPlace } from './place.js';
import { WrongConfiguration } from './wrong-configuration.js';

const onHost = async () => undefined;
const before = process.env['DOCKER_HOST'];
let machine: FakeMachine;

beforeEach(async () => {
  machine = new FakeMachine();
  await machine.start();
});
afterEach(async () => {
  await machine.stop();
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
});

/** In a container of this daemon. */
const within = (networkMode: string) => {
  const { id } = machine.run('proxy', { networkMode });
  return () => machine.docker.getContainer(id).inspect();
};

describe('the place of the proxy', () => {
  it.each(['host', 'none'])('has no use for the network %s', async (network) => {
    const refused = findPlace(machine.daemon, { ...options, network }, onHost);
    await expect(refused).rejects.toBeInstanceOf(WrongConfiguration);
    await expect(refused).rejects.toThrow(
      `containers.network (CONTAINER_NETWORK) can't be ${network}: leave it out, or name a network.`,
    );
    expect(machine.calls).toEqual([]);
  });

  it('on the host: one network, and all of its files', async () => {
    const { networks, mounts } = await findPlace(machine.daemon, options, onHost);
    expect(networks).toBeInstanceOf(SharedNetwork);
    expect(mounts).toBeUndefined();
  });

  it('in a container: a network for each engine, and what is mounted', async () => {
    const { networks, mounts } = await findPlace(machine.daemon, options, within('shop_default'));
    expect(networks).toBeInstanceOf(NetworkPerEngine);
    expect(mounts).toEqual([]);
  });

  it("in a container that has the host's network: one network, and what is mounted", async () => {
    const { networks, mounts } = await findPlace(machine.daemon, options, within('host'));
    expect(networks).toBeInstanceOf(SharedNetwork);
    expect(mounts).toEqual([]);
  });
});

describe('a daemon by DOCKER_HOST', () => {
  const placeAt = (host: string, own: Parameters<typeof findPlace>[2] = onHost) => {
    process.env['DOCKER_HOST'] = host;
    return findPlace(connectDaemon(), options, own);
  };

  it.each(['tcp://192.0.2.7:2375', 'tcp://docker.example:2376', 'ssh://ann@docker.example'])(
    'is refused at %s, whose containers can not be reached',
    async (host) => {
      await expect(placeAt(host)).rejects.toThrow(/on another machine \(DOCKER_HOST\).*run the proxy there/);
    },
  );

  it.each([
    'unix:///run/user/1000/docker.sock',
    'tcp://localhost:2375',
    'tcp://127.0.0.1:2375',
    'tcp://127.1.2.3',
    'tcp://[::1]:2375',
  ])('is fine at %s', async (host) => {
    expect((await placeAt(host)).networks).toBeInstanceOf(SharedNetwork);
  });

  it('is fine by whatever name where it knows the container of the proxy', async () => {
    const { networks } = await placeAt('tcp://socket-proxy:2375', within('shop_default'));
    expect(networks).toBeInstanceOf(NetworkPerEngine);
  });
});

import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FlightClient } from '../e2e/support/flight.js';
import type { Product } from '../e2e/support/product.js';
import { docker, enginesOf, startOnDocker } from './support/docker.js';
import { reachableFrom } from './support/reach.js';

/** A service of the machine that containers run on, on all of its addresses, as a careless operator may have one. */
let service: Server;
let servicePort: number;
beforeAll(async () => {
  service = createServer((socket) => socket.end());
  await new Promise<void>((done) => service.listen(0, '0.0.0.0', done));
  servicePort = (service.address() as AddressInfo).port;
});
afterAll(() => void service.close());

async function withTwoUsers(product: Product) {
  for (const user of ['ada', 'ben']) {
    const client = new FlightClient(product.grpcPort, product.token(user));
    await client.query('SELECT 1');
    client.close();
  }
  const [one, other] = await enginesOf(product);
  const addressOf = async (id: string) =>
    Object.values((await docker.getContainer(id).inspect()).NetworkSettings.Networks)[0]!;
  return { one: one!.Id, own: await addressOf(one!.Id), other: await addressOf(other!.Id) };
}

describe('An engine of a proxy on the host, without databases elsewhere', () => {
  let product: Product;
  let engine: Awaited<ReturnType<typeof withTwoUsers>>;
  beforeAll(async () => {
    product = await startOnDocker();
    engine = await withTwoUsers(product);
  }, 60_000);
  afterAll(() => product?.stop());

  it('reaches no other engine, and nothing but the host', async () => {
    const { one, own, other } = engine;
    const places = {
      itself: [own.IPAddress, 8815],
      "another user's engine": [other.IPAddress, 8815],
      "another user's control port": [other.IPAddress, 8816],
      'the host by its own network': [own.Gateway, servicePort],
      'the host by another network': ['172.17.0.1', servicePort],
      "the proxy's gRPC port": ['127.0.0.1', product.grpcPort],
      "the host's loopback": ['127.0.0.1', servicePort],
    } as const;
    expect(await reachableFrom(one, places)).toEqual({
      itself: true,
      "another user's engine": false,
      "another user's control port": false,
      // Docker filters what it passes on, and not what comes to the host itself: a firewall of the host does.
      'the host by its own network': true,
      'the host by another network': true,
      "the proxy's gRPC port": false,
      "the host's loopback": false,
    });
  });

  it('has no way out', async () => {
    const network = await docker.getNetwork(engine.own.NetworkID).inspect();
    expect(network).toMatchObject({
      Internal: true,
      Options: { 'com.docker.network.bridge.enable_icc': 'false' },
    });
  });

  it('answers to nobody without its own secret, also where its port is reached', async () => {
    const stranger = new FlightClient(8815, product.token('ada'), engine.own.IPAddress);
    await expect(stranger.query('SELECT 1')).rejects.toMatchObject({ code: 16 });
    stranger.close();
  });
});

describe('An engine of a proxy on the host, with a database elsewhere', () => {
  it('reaches no other engine, but other networks and the host', async () => {
    const market = 'postgresql://reader:x@192.0.2.1:5432/market?connect_timeout=1';
    const product = await startOnDocker(
      {},
      { databases: [{ alias: 'market', type: 'postgres', connection_string: market }] },
    );
    try {
      const { one, own, other } = await withTwoUsers(product);
      const network = await docker.getNetwork(own.NetworkID).inspect();
      expect(network.Internal).toBe(false);
      const places = {
        "another user's engine": [other.IPAddress, 8815],
        'the host by its own network': [own.Gateway, servicePort],
        'the host by another network': ['172.17.0.1', servicePort],
      } as const;
      expect(await reachableFrom(one, places)).toEqual({
        "another user's engine": false,
        'the host by its own network': true,
        'the host by another network': true,
      });
    } finally {
      await product.stop();
    }
  }, 60_000);
});

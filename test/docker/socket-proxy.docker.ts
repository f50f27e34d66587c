import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FlightClient } from '../e2e/support/flight.js';
import { prepared } from '../e2e/support/prepared.js';
import type { Product } from '../e2e/support/product.js';
import { until } from '../e2e/support/until.js';
import { docker, enginesOf, startOnDocker } from './support/docker.js';
import { SILENCE_MS, SocketProxy } from './support/socket-proxy.js';

const describeWithHaproxy = prepared.servers.haproxy ? describe : describe.skip;

describeWithHaproxy('Behind a docker-socket-proxy', () => {
  let socket: SocketProxy;
  let product: Product;
  let client: FlightClient;
  beforeAll(async () => {
    socket = await SocketProxy.start();
    product = await startOnDocker({}, { env: { DOCKER_HOST: socket.url } });
    client = new FlightClient(product.grpcPort, product.token('ada'));
  }, 60_000);
  afterAll(async () => {
    client?.close();
    await product?.stop();
    await socket?.stop();
  });

  it('engines start, answer, and are there for their user', async () => {
    await client.query('CREATE TABLE kept AS SELECT 7::INTEGER AS n');
    expect(await client.query('FROM kept')).toEqual([{ n: 7 }]);
    expect((await fetch(`${product.httpUrl}/ready`)).status).toBe(200);
  });

  it('streams that it cuts, as they are silent, do no harm: ends of engines are still noticed', async () => {
    await sleep(2 * SILENCE_MS);
    expect(await client.query('FROM kept')).toEqual([{ n: 7 }]);
    const [engine] = await enginesOf(product);
    await docker.getContainer(engine!.Id).kill();
    await until('the death is told', () => product.log('msg="Container died"').length > 0);
    expect(product.log('msg="Container died"')).toHaveLength(1);
    expect(product.log('msg="Container died"')[0]).toMatch(/cause=(killed|vanished)/);
    expect(await client.query('SELECT 8::INTEGER AS n')).toEqual([{ n: 8 }]);
  });

  it('what it refuses is said: images can not be looked at', async () => {
    const refused = await fetch(`${socket.url.replace('tcp:', 'http:')}/images/json`);
    expect(refused.status).toBe(403);
  });
});

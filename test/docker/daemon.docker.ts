import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FlightClient } from '../e2e/support/flight.js';
import type { Product } from '../e2e/support/product.js';
import { until } from '../e2e/support/until.js';
import { images, startOnDocker } from './support/docker.js';
import { INSIDE, OwnDaemon } from './support/own-daemon.js';

describe('A Docker daemon that is stopped and comes back', () => {
  let daemon: OwnDaemon;
  let product: Product;
  let client: FlightClient;
  beforeAll(async () => {
    daemon = await OwnDaemon.start(images.engine);
    const env = { DOCKER_HOST: `unix://${daemon.socket}`, HOST: '0.0.0.0' };
    product = await startOnDocker({}, { env, within: { command: daemon.within, host: INSIDE } });
    client = new FlightClient(product.grpcPort, product.token('ada'), INSIDE);
  }, 90_000);
  afterAll(async () => {
    client?.close();
    await product?.leave();
    await daemon?.remove();
  }, 60_000);

  it('takes its engines with it; the proxy says so, refuses clearly, and is well again by itself', async () => {
    expect(await client.query('SELECT 1::INTEGER AS n')).toEqual([{ n: 1 }]);
    await daemon.stop();
    const refusal = await until('a request is refused', async () => {
      const error: unknown = await client.query('SELECT 1').then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return error as { code: number; details: string } | undefined;
    });
    expect(refusal).toMatchObject({
      code: 14,
      details: expect.stringMatching(/stopped|could not be (started|reached)/),
    });
    await until('it is not ready, and says why', async () => {
      const answer = await fetch(`${product.httpUrl}/ready`);
      return answer.status === 503 && /Docker/.test(await answer.text());
    });
    await daemon.run();
    await until('it is ready', async () => (await fetch(`${product.httpUrl}/ready`)).ok, 60_000);
    const answer = await until(
      'ada has an engine',
      () => client.query('SELECT 2::INTEGER AS n').catch(() => undefined),
      60_000,
    );
    expect(answer).toEqual([{ n: 2 }]);
    const containers = await daemon.docker.listContainers({ all: true });
    expect(containers).toHaveLength(1);
    expect(product.log('msg="Container died"')).toHaveLength(1);
  }, 180_000);
});

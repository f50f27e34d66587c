import { afterEach, describe, expect, it } from '@jest/globals';
import { FlightClient } from './support/flight.js';
import { Product } from './support/product.js';
import { until } from './support/until.js';

describe('Spare engines', () => {
  let product: Product;
  const clients: FlightClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await product.stop();
  });

  const connect = (user: string) => {
    const client = new FlightClient(product.grpcPort, product.token(user));
    clients.push(client);
    return client;
  };
  const untilSpare = (count: number) =>
    until(`${count} are spare`, async () => (await product.detail()).containers.spare === count);

  it('run before there is any user, are taken by the first, for good, and replaced', async () => {
    product = await Product.start({ warm_pool: 1 });
    await untilSpare(1);
    const [spare] = product.engines();
    expect(product.log('msg="Container spawned"')).toEqual([]);
    await connect('ada').query('CREATE TABLE mine AS SELECT 7::INTEGER AS n');
    expect(product.engines()).toContain(spare);
    expect(product.log('msg="Container spawned"')).toHaveLength(1);
    await untilSpare(1);
    await expect(connect('ben').query('FROM mine')).rejects.toThrow(/mine does not exist/);
    expect(await connect('ada').query('FROM mine')).toEqual([{ n: 7 }]);
    expect(product.engines()).toContain(spare);
  });

  it('come with the databases attached, as any engine does', async () => {
    product = await Product.start({ warm_pool: 1 });
    await untilSpare(1);
    const there = await connect('ada').query('SELECT count(*) > 0 AS there FROM shop.orders');
    expect(there).toEqual([{ there: true }]);
  });

  it('make room for users at the limit, and are there again when there is room', async () => {
    product = await Product.start({ warm_pool: 2, max_per_host: 2 });
    await untilSpare(2);
    await Promise.all(['ada', 'ben'].map((user) => connect(user).query('SELECT 1')));
    expect((await product.detail()).containers).toMatchObject({ active: 2, spare: 0 });
    process.kill(product.engines()[0]!, 'SIGKILL');
    await untilSpare(1);
  });

  it('are none where that is set', async () => {
    product = await Product.start({ warm_pool: 0 });
    await connect('ada').query('SELECT 1');
    expect(product.engines()).toHaveLength(1);
    expect((await product.detail()).containers).toMatchObject({ active: 1, spare: 0 });
  });
});

import { describe, expect, it } from '@jest/globals';
import { FlightClient } from './support/flight.js';
import { Product } from './support/product.js';

describe('Fifty first requests of one user at once', () => {
  it('share one start, and all get their answer', async () => {
    const product = await Product.start({ warm_pool: 0 });
    const clients = Array.from(
      { length: 50 },
      () => new FlightClient(product.grpcPort, product.token('ada')),
    );
    try {
      const answers = await Promise.all(
        clients.map((client, i) => client.query(`SELECT ${i}::INTEGER AS i`)),
      );
      expect(answers).toEqual(clients.map((_, i) => [{ i }]));
      expect(product.log('msg="Container spawned"')).toHaveLength(1);
      expect(product.log('msg="Container spawned"')[0]).toMatch(/level=info .*user_id=ada container_id=\S+/);
      expect(product.engines()).toHaveLength(1);
    } finally {
      for (const client of clients) client.close();
      await product.stop();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, credentials } from '@grpc/grpc-js';
import { FlightClient } from './support/flight.js';
import { Product } from './support/product.js';

describe('Over HTTP', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.stop());

  it.each([
    ['/health', '{"status":"healthy"}'],
    ['/ready', '{"ready":true}'],
  ])('%s answers %s, exactly', async (path, body) => {
    const answer = await fetch(product.httpUrl + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.text()).toBe(body);
  });

  it('/health/detailed counts engines and names no user', async () => {
    const client = new FlightClient(product.grpcPort, product.token('someone@example.org'));
    await client.query('SELECT 1');
    client.close();
    const detail = await product.detail();
    expect(detail).toMatchObject({
      status: 'healthy',
      containers: { active: 1, total_spawned: 1, total_stopped: 0 },
    });
    expect(detail.uptime_seconds).toBeGreaterThanOrEqual(0);
    expect(JSON.stringify(detail)).not.toContain('someone');
  });

  it('a demo token can be had by anyone, and opens the samples', async () => {
    const answer = await fetch(`${product.httpUrl}/auth/demo-token`, { method: 'POST' });
    expect(answer.status).toBe(201);
    const { token, expires_at } = (await answer.json()) as { token: string; expires_at: string };
    expect(Math.round((Date.parse(expires_at) - Date.now()) / 60_000)).toBe(60);
    const client = new FlightClient(product.grpcPort, token);
    expect(await client.query('SELECT count(*)::INTEGER AS n FROM shop.orders')).toEqual([{ n: 354702 }]);
    client.close();
  });

  it("an unknown path is a problem in RFC 9457's form", async () => {
    const answer = await fetch(`${product.httpUrl}/nothing-here`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});

describe('Over gRPC', () => {
  it('the health service says SERVING, without a token', async () => {
    const product = await Product.start();
    const client = new Client(`127.0.0.1:${product.grpcPort}`, credentials.createInsecure());
    try {
      const answer = await new Promise<Buffer>((done, failed) => {
        const bytes = (value: Buffer) => value;
        client.makeUnaryRequest(
          '/grpc.health.v1.Health/Check',
          bytes,
          bytes,
          Buffer.alloc(0),
          (error, reply) => (error ? failed(error) : done(reply!)),
        );
      });
      // Field 1, status, is 1: SERVING.
      expect([...answer]).toEqual([0x08, 0x01]);
      expect(product.log(`msg="gRPC server listening" port=${product.grpcPort}`)).toHaveLength(1);
    } finally {
      client.close();
      await product.stop();
    }
  });
});

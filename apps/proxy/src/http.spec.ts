import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProxy, type RunningProxy } from './proxy.harness.js';

let proxy: RunningProxy;
beforeAll(async () => {
  proxy = await startProxy({ demoTokens: true });
});
afterAll(() => proxy.stop());

async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(proxy.url + path, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
}

const demoToken = (address: string) =>
  call('/auth/demo-token', { method: 'POST', headers: { 'x-forwarded-for': address } });

describe('HTTP', () => {
  it('gives the promised health answers', async () => {
    expect(await call('/health')).toMatchObject({ status: 200, body: '{"status":"healthy"}' });
    expect(await call('/ready')).toMatchObject({ status: 200, body: '{"ready":true}' });
    const { status, body } = await call('/health/detailed');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ status: 'healthy', containers: { active: 0 } });
  });

  it('does not say what it is made of', async () => {
    expect((await call('/health')).headers.get('x-powered-by')).toBeNull();
  });

  it.each([
    ['GET', '/nowhere'],
    ['POST', '/health'],
    ['GET', '/auth/demo-token'],
    ['GET', '/%E0%A4%A'],
  ])('answers %s %s with a problem that says what to do', async (method, path) => {
    const { status, headers, body } = await call(path, { method });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(body)).toEqual({
      type: expect.stringMatching(/^urn:pondpilot:problem:\w+$/),
      title: expect.any(String),
      status,
      detail: expect.stringContaining('check'),
    });
  });

  it.each([
    ['no JSON', '{"a"', 400, 'invalid_argument'],
    ['too large', JSON.stringify('x'.repeat(1_100_000)), 413, 'payload_too_large'],
  ])('refuses a body that is %s', async (_name, body, status, type) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.99' };
    const answer = await call('/auth/demo-token', { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).type).toBe(`urn:pondpilot:problem:${type}`);
  });
});

describe('a demo token', () => {
  it('is good for an hour, for a demo user that nobody else is', async () => {
    const answers = await Promise.all([demoToken('192.0.2.1'), demoToken('192.0.2.1')]);
    const bodies = answers.map(({ body }) => JSON.parse(body) as { token: string; expires_at: string });
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    const { TokenVerifier } = await import('@pondpilot/auth');
    const verifier = proxy.app.get(TokenVerifier, { strict: false });
    const principals = await Promise.all(bodies.map(({ token }) => verifier.verifyToken(token)));
    expect(principals.every(({ demo }) => demo)).toBe(true);
    expect(new Set(principals.map(({ userId }) => userId)).size).toBe(2);
    expect(bodies[0]?.expires_at).toBe(new Date(principals[0]?.expiresAt ?? 0).toISOString());
    expect(Object.keys(bodies[0] ?? {})).toEqual(['token', 'expires_at']);
  });

  it('is limited by address, and the refusal says how long to wait', async () => {
    const answers = [];
    for (let i = 0; i < 11; i += 1) answers.push(await demoToken('192.0.2.2'));
    expect(answers.slice(0, 10).every(({ status }) => status === 201)).toBe(true);
    const refused = answers[10];
    expect(refused?.status).toBe(429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({
      type: 'urn:pondpilot:problem:resource_exhausted',
    });
    expect(proxy.logs.join('')).toContain('level=warn msg="Rate limit exceeded" client_address=192.0.2.2');
    expect((await demoToken('192.0.2.3')).status).toBe(201);
  });

  it('is not given for one IPv6 network again and again', async () => {
    const statuses = [];
    for (let i = 0; i < 11; i += 1) statuses.push((await demoToken(`2001:db8::${i + 1}`)).status);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('switched off', () => {
  it('says which setting it is', async () => {
    const off = await startProxy();
    const response = await fetch(`${off.url}/auth/demo-token`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(((await response.json()) as { detail: string }).detail).toContain('security.demo_tokens.enabled');
    await off.stop();
  });
});

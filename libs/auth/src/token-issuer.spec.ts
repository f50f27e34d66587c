import { Test } from '@nestjs/testing';
import { beforeAll, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { ConfigModule, loadConfig } from '@pondpilot/config';
import { ObservabilityModule } from '@pondpilot/observability';
import { principalOf, type Principal } from './principal.js';
import { TokenIssuer } from './token-issuer.js';
import { TokenVerifier } from './token-verifier.js';

// The module is imported when Nest has been: jest can't load the CommonJS throttler, which requires Nest, before it.
let issuer: TokenIssuer;
let verifier: TokenVerifier;
beforeAll(async () => {
  const { AuthModule } = await import('./auth.module.js');
  const env = { JWT_SECRET: 'x'.repeat(32) };
  const config = loadConfig({ env, cwd: '/nonexistent', rootFile: '/nonexistent' });
  const imports = [
    ConfigModule.forRoot(config),
    ObservabilityModule.forRoot({ write: () => {} }),
    AuthModule,
  ];
  const module = await Test.createTestingModule({ imports }).compile();
  issuer = module.get(TokenIssuer);
  verifier = module.get(TokenVerifier);
});

it('gives each demo user an own name and one hour', async () => {
  const before = Math.floor(Date.now() / 1000);
  const [one, other] = await Promise.all([issuer.issueDemo(), issuer.issueDemo()]);
  const principals = [await verifier.verifyToken(one.token), await verifier.verifyToken(other.token)];
  expect(principals[0]?.userId).not.toBe(principals[1]?.userId);
  for (const principal of principals)
    expect(principal).toMatchObject({ demo: true, expiresAt: expect.any(Number) });
  expect(principals[0]?.expiresAt).toBe(one.expiresAt);
  expect(one.expiresAt / 1000 - before).toBeGreaterThanOrEqual(3600);
  expect(one.expiresAt / 1000 - before).toBeLessThan(3600 + 60);
});

it.each([true, false])('names a new session each time and changes nothing else (demo: %s)', async (demo) => {
  const shown: Principal = { userId: 'ada', demo, expiresAt: (Math.floor(Date.now() / 1000) + 99) * 1000 };
  const first = await verifier.verifyToken((await issuer.issueSession(shown)).token);
  const second = await verifier.verifyToken((await issuer.issueSession(first)).token);
  expect(first).toEqual({ ...shown, sessionId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(second).toEqual({ ...shown, sessionId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(second.sessionId).not.toBe(first.sessionId);
});

it('notes when it was issued', async () => {
  expect(decodeJwt((await issuer.issueDemo()).token).iat).toEqual(expect.any(Number));
});

it.each(['keycloak-session', 7, 'A'.repeat(32), `${'a'.repeat(32)}\n`])(
  'takes no session from the foreign sid %j',
  (sid) => {
    expect(principalOf({ sub: 'ada', exp: 1, sid })).toEqual({ userId: 'ada', demo: false, expiresAt: 1000 });
  },
);

it.each([
  [undefined, false],
  [false, false],
  [true, true],
  ['true', true],
  [1, true],
])('reads the claim demo=%j as %s', (demo, expected) => {
  expect(principalOf({ sub: 'ada', exp: 1, demo }).demo).toBe(expected);
});

import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { Controller, Get, Req, UseGuards, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigModule, loadConfig } from '@pondpilot/config';
import { DomainError } from '@pondpilot/kernel';
import { ObservabilityModule } from '@pondpilot/observability';
import { JwtHttpGuard } from './jwt-http.guard.js';
import type { Principal } from './principal.js';
import { TokenVerifier } from './token-verifier.js';

const SECRET = 'correct horse battery staple, twice';
const now = Math.floor(Date.now() / 1000);
const good = { sub: 'ada', exp: now + 600 };
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' }).toString();

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function hmac(claims: unknown, alg = 'HS256', secret = SECRET): string {
  const content = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}`;
  const hash = { HS384: 'sha384', HS512: 'sha512' }[alg] ?? 'sha256';
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}

function rs256(claims: unknown): string {
  const content = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), rsa.privateKey).toString('base64url')}`;
}

const unsigned = (alg: string) => `${encode({ alg, typ: 'JWT' })}.${encode(good)}.`;
const [header, , signature] = hmac(good).split('.');

const HOSTILE: [string, string][] = [
  ['alg none', unsigned('none')],
  ['alg None', unsigned('None')],
  ['alg HS256 without a signature', unsigned('HS256')],
  ['alg none with the right signature', `${encode({ alg: 'none' })}.${encode(good)}.${signature}`],
  ['HS384 with the right secret', hmac(good, 'HS384')],
  ['HS512 with the right secret', hmac(good, 'HS512')],
  ['RS256', rs256(good)],
  ['HS256 with a public key for secret', hmac(good, 'HS256', publicPem)],
  ['another secret', hmac(good, 'HS256', `${SECRET}x`)],
  [
    'claims of another user under an old signature',
    `${header}.${encode({ ...good, sub: 'root' })}.${signature}`,
  ],
  ['expired', hmac({ ...good, exp: now - 1 })],
  ['no exp', hmac({ sub: 'ada' })],
  ['exp as text', hmac({ ...good, exp: String(now + 600) })],
  ['exp null', hmac({ ...good, exp: null })],
  ['not yet valid', hmac({ ...good, nbf: now + 60 })],
  ['nbf as text', hmac({ ...good, nbf: 'never' })],
  ['no sub', hmac({ exp: now + 600 })],
  ['empty sub', hmac({ ...good, sub: '' })],
  ['blank sub', hmac({ ...good, sub: ' \n' })],
  ['sub as a list', hmac({ ...good, sub: ['ada'] })],
  ['sub as a number', hmac({ ...good, sub: 7 })],
  ['sub as an object', hmac({ ...good, sub: { toString: 'ada' } })],
  ['claims null', hmac(null)],
  ['claims that are a text', hmac('ada')],
  ['claims that are a list', hmac([good])],
  ['a header that is no JSON', `eyJ.${encode(good)}.${signature}`],
  ['two parts', `${header}.${encode(good)}`],
  ['four parts', `${hmac(good)}.x`],
  ['not a token', 'hello'],
  ['a huge one', hmac({ ...good, padding: 'x'.repeat(10_000) })],
];

@Controller()
class WhoAmI {
  @Get()
  @UseGuards(JwtHttpGuard)
  answer(@Req() request: { user: Principal }) {
    return request.user;
  }
}

// The module is imported when Nest has been: jest can't load the CommonJS throttler, which requires Nest, before it.
let app: INestApplication;
let url: string;
let verifier: TokenVerifier;
beforeAll(async () => {
  const { AuthModule } = await import('./auth.module.js');
  const config = loadConfig({ env: { JWT_SECRET: SECRET }, cwd: '/nonexistent', rootFile: '/nonexistent' });
  const imports = [
    ConfigModule.forRoot(config),
    ObservabilityModule.forRoot({ write: () => {} }),
    AuthModule,
  ];
  const module = await Test.createTestingModule({ imports, controllers: [WhoAmI] }).compile();
  app = module.createNestApplication({ logger: false });
  app.useGlobalFilters({
    catch(error: unknown, host) {
      const kind = error instanceof DomainError ? error.kind : 'other';
      host.switchToHttp().getResponse().status(418).json({ kind });
    },
  });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  verifier = app.get(TokenVerifier);
});
afterAll(() => app.close());

async function overHttp(authorization: string): Promise<unknown> {
  return (await fetch(url, { headers: { authorization } })).json();
}

describe.each(HOSTILE)('a token with %s', (_name, token) => {
  it('is refused on gRPC, as Bearer and as Basic', async () => {
    const basic = Buffer.from(`user:${token}`).toString('base64');
    const refusal = { kind: 'unauthenticated', message: expect.not.stringContaining(SECRET) };
    await expect(verifier.verifyToken(token)).rejects.toMatchObject(refusal);
    await expect(verifier.verify({ headers: { authorization: `Basic ${basic}` } })).rejects.toMatchObject(
      refusal,
    );
  });

  it('is refused over HTTP', async () => {
    expect(await overHttp(`Bearer ${token}`)).toEqual({ kind: 'unauthenticated' });
  });
});

describe('a good token', () => {
  it('makes the same principal on both transports', async () => {
    const principal = { userId: 'ada', demo: false, expiresAt: (now + 600) * 1000 };
    expect(await verifier.verifyToken(hmac(good))).toEqual(principal);
    expect(await overHttp(`Bearer ${hmac(good)}`)).toEqual(principal);
    expect(await overHttp(`bearer  ${hmac({ ...good, iat: now, nbf: now })}`)).toEqual(principal);
  });

  it('keeps users apart who ask at the same time', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    const principals = await Promise.all(names.map((sub) => verifier.verifyToken(hmac({ ...good, sub }))));
    expect(principals.map(({ userId }) => userId)).toEqual(names);
  });

  it('may name any user', async () => {
    const sub = 'https://id.example/Jürgen?x="1"\n💧';
    expect((await verifier.verifyToken(hmac({ ...good, sub }))).userId).toBe(sub);
  });
});

describe('an authorization header', () => {
  const basic = (text: string) => Buffer.from(text).toString('base64');
  const headers = (authorization: string | string[]) => ({ headers: { authorization } });

  it.each([
    ['padded', basic(`user1:${hmac(good)}`)],
    ['unpadded', basic(`u:${hmac(good)}`).replace(/=+$/, '')],
    ['in the URL alphabet', Buffer.from(`ü?>:${hmac(good)}`).toString('base64url')],
    ['with colons in the user', basic(`urn:x:y:${hmac(good)}`)],
    ['without a user', basic(`:${hmac(good)}`)],
  ])('takes Basic credentials %s', async (_name, credentials) => {
    expect((await verifier.verify(headers(`Basic ${credentials}`))).userId).toBe('ada');
  });

  it.each([
    ['none at all', { headers: {} }],
    ['an empty one', headers('')],
    ['a bare token', headers(hmac(good))],
    ['another scheme', headers(`Digest ${hmac(good)}`)],
    ['Basic without a colon', headers(`Basic ${basic(hmac(good))}`)],
    ['Basic without a password', headers(`Basic ${basic('user:')}`)],
    ['two that differ', headers([`Bearer ${hmac(good)}`, `Bearer ${hmac({ ...good, sub: 'eve' })}`])],
    ['two in one', headers(`Bearer ${hmac(good)}, Bearer ${hmac({ ...good, sub: 'eve' })}`)],
    ['a huge one', headers(`Basic ${'A'.repeat(1_000_000)}`)],
  ])('is refused: %s', async (_name, request) => {
    await expect(verifier.verify(request)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('may be missing where a client of the older kind sends its token as binary metadata', async () => {
    const legacy = (token: string) => ({ headers: { 'auth-token-bin': basic(token).replace(/=+$/, '') } });
    expect((await verifier.verify(legacy(hmac(good)))).userId).toBe('ada');
    await expect(verifier.verify(legacy(unsigned('none')))).rejects.toMatchObject({
      kind: 'unauthenticated',
    });
    const both = { headers: { ...legacy(hmac(good)).headers, authorization: 'Bearer bad' } };
    await expect(verifier.verify(both)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('may be there twice where both are the same', async () => {
    const one = `Bearer ${hmac(good)}`;
    expect((await verifier.verify(headers([one, one]))).userId).toBe('ada');
  });

  it('says what to send where there is none', async () => {
    await expect(verifier.verify({ headers: {} })).rejects.toThrow('authorization: Bearer <token>');
  });

  it('is not taken from HTTP when two differ, though Node shows only the first', async () => {
    const request = {
      headers: { authorization: 'Bearer a' },
      headersDistinct: { authorization: ['Bearer a', 'Bearer b'] },
    };
    await expect(verifier.verify(request)).rejects.toThrow('several');
  });
});

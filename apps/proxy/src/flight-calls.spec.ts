import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type * as grpc from '@grpc/grpc-js';
import { DomainError } from '@pondpilot/kernel';
import {
  ask,
  deferred,
  doGet,
  flightInfo,
  open,
  startProxy,
  tokenFor,
  until,
  type RunningProxy,
} from './proxy.harness.js';

const UNAUTHENTICATED = 16;

let proxy: RunningProxy;
let client: grpc.Client;
beforeAll(async () => {
  proxy = await startProxy();
  client = proxy.client();
});
afterAll(() => proxy.stop());
beforeEach(() => {
  proxy.orchestrator.owners.length = 0;
  proxy.logs.length = 0;
});

const bearer = (sub: string, claims: object = {}) => ({ authorization: `Bearer ${tokenFor(sub, claims)}` });
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('a call with a good token', () => {
  it('reaches the engine of its user, with what the engine must know and nothing it must not', async () => {
    const { message, status } = await ask(client, flightInfo, {
      ...bearer('ada'),
      cookie: 'a=b',
      'x-pondpilot-call': 'guessed',
      'x-pondpilot-session': 'stolen',
      'x-pondpilot-control': 'guessed',
      'auth-token-bin': 'old',
      'x-kept': 'yes',
    });
    expect(status).toMatchObject({ code: 0 });
    const seen = JSON.parse(String(message)) as Record<string, string>;
    expect(seen).toMatchObject({ 'x-pondpilot-call': 'the secret', 'x-kept': 'yes' });
    const hidden = [
      'authorization',
      'cookie',
      'auth-token-bin',
      'x-pondpilot-session',
      'x-pondpilot-control',
    ];
    for (const name of hidden) expect(seen).not.toHaveProperty([name]);
    expect(proxy.orchestrator.owners).toEqual([{ userId: 'ada', profile: 'normal' }]);
    await until(() => proxy.orchestrator.held === 0);
  });

  it('may carry it as the password of Basic credentials, unpadded too', async () => {
    for (const user of ['u', 'us', 'use']) {
      const headers = basic(`${user}:${tokenFor('ada')}`);
      expect(
        (await ask(client, flightInfo, { authorization: headers.authorization.replace(/=+$/, '') })).status
          .code,
      ).toBe(0);
    }
  });

  it('is a demo user where the token says so', async () => {
    await ask(client, flightInfo, bearer('visitor', { demo: true }));
    expect(proxy.orchestrator.owners).toEqual([{ userId: 'visitor', profile: 'demo' }]);
  });

  it('stays its own beside others on the same connection', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    const sid = (index: number) => index.toString(16).padStart(32, '0');
    const answers = await Promise.all(
      names.map((name, i) => ask(client, flightInfo, bearer(name, { sid: sid(i) }))),
    );
    const sessions = answers.map(({ message }) => JSON.parse(String(message))['x-pondpilot-session']);
    expect(sessions).toEqual(names.map((_, i) => sid(i)));
    expect(proxy.orchestrator.owners.map(({ userId }) => userId).toSorted()).toEqual(names.toSorted());
  });
});

describe('a call without a good token', () => {
  it.each([
    ['none', {}],
    ['an expired one', bearer('ada', { exp: 1 })],
    ['one of another secret', { authorization: `Bearer ${tokenFor('ada')}x` }],
    ['no sub', bearer('')],
    ['credentials without a password', basic('ada:')],
  ])('is refused before an engine is asked for: %s', async (_name, headers) => {
    const { status } = await ask(client, flightInfo, headers);
    expect(status.code).toBe(UNAUTHENTICATED);
    expect(status.details).not.toContain(tokenFor('ada'));
    expect(proxy.orchestrator.owners).toEqual([]);
  });

  it('is told what to send', async () => {
    expect((await ask(client, flightInfo)).status.details).toContain('authorization: Bearer <token>');
  });
});

describe('a lease', () => {
  it('is released when the client leaves while its engine starts', async () => {
    const gate = deferred();
    proxy.orchestrator.gate = gate.promise;
    const call = open(client, doGet, bearer('ada'));
    await until(() => proxy.orchestrator.owners.length === 1);
    const other = ask(client, flightInfo, bearer('ada'));
    await until(() => proxy.orchestrator.owners.length === 2);
    call.cancel();
    gate.resolve();
    proxy.orchestrator.gate = Promise.resolve();
    expect((await other).status.code).toBe(0);
    await until(() => proxy.orchestrator.held === 0);
  });

  it('is held while a stream is in flight, and released when its client leaves', async () => {
    const call = open(client, doGet, bearer('ada'));
    await new Promise((resolve) => call.once('data', resolve));
    expect(proxy.orchestrator.held).toBe(1);
    call.cancel();
    await until(() => proxy.orchestrator.held === 0);
  });
});

describe('a failure', () => {
  it('of the orchestrator reaches the client as its status, with the time to wait', async () => {
    const full = new DomainError('resource_exhausted', 'All engines are in use.', { retryAfterMs: 5000 });
    proxy.orchestrator.gate = Promise.reject(full);
    const { status } = await ask(client, flightInfo, bearer('ada'));
    proxy.orchestrator.gate = Promise.resolve();
    expect(status).toMatchObject({ code: 8, details: 'All engines are in use.' });
    expect(status.metadata.get('grpc-retry-pushback-ms')).toEqual(['5000']);
  });

  it('that nobody foresaw is logged, and its text is for the log alone', async () => {
    proxy.orchestrator.gate = Promise.reject(new Error('planted detail'));
    const { status } = await ask(client, flightInfo, bearer('ada'));
    proxy.orchestrator.gate = Promise.resolve();
    expect(status.code).toBe(13);
    expect(status.details).not.toContain('planted');
    expect(proxy.logs.join('')).toMatch(/^level=error msg="Call failed" error="planted detail" stack="/);
  });

  it('to know a method is told as such', async () => {
    const { status } = await ask(client, '/some.Service/Method', bearer('ada'));
    expect(status).toMatchObject({ code: 12, details: expect.stringContaining('/some.Service/Method') });
  });
});

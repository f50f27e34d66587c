import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import { BasicAuthSchema, HandshakeRequestSchema, HandshakeResponseSchema } from '@pondpilot/flight-sql';
import {
  ask,
  flightInfo,
  handshake,
  open,
  startProxy,
  tokenFor,
  type RunningProxy,
} from './proxy.harness.js';

let proxy: RunningProxy;
let client: grpc.Client;
beforeAll(async () => {
  proxy = await startProxy();
  client = proxy.client();
});
afterAll(() => proxy.stop());

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const request = (payload = new Uint8Array()) =>
  toBinary(HandshakeRequestSchema, create(HandshakeRequestSchema, { payload }));
const credentials = (password: string) =>
  request(toBinary(BasicAuthSchema, create(BasicAuthSchema, { username: 'ada', password })));

describe('a handshake', () => {
  it.each([
    ['Basic', { ...basic(`ada:${tokenFor('ada')}`) }, request()],
    ['Bearer', { authorization: `Bearer ${tokenFor('ada')}` }, request()],
    ['a payload of credentials', {}, credentials(tokenFor('ada'))],
  ])('with %s opens a session, named by the bearer that comes back', async (_name, headers, message) => {
    const answer = await ask(client, handshake, headers, message);
    expect(answer.status.code).toBe(0);
    const [authorization] = answer.metadata.get('authorization');
    const { payload } = fromBinary(HandshakeResponseSchema, answer.message ?? new Uint8Array());
    expect(authorization).toBe(`Bearer ${Buffer.from(payload).toString()}`);

    const first = await ask(client, flightInfo, { authorization: String(authorization) });
    const session = JSON.parse(String(first.message))['x-pondpilot-session'];
    expect(session).toMatch(/^[0-9a-f]{32}$/);
    expect(proxy.orchestrator.owners.at(-1)).toEqual({ userId: 'ada', profile: 'normal' });
  });

  it('opens another session each time', async () => {
    const headers = basic(`ada:${tokenFor('ada')}`);
    const answers = await Promise.all([ask(client, handshake, headers), ask(client, handshake, headers)]);
    const [one, other] = answers.map(({ metadata }) => String(metadata.get('authorization')[0]));
    expect(one).not.toBe(other);
  });

  it('answers without waiting for a message where the header says all', async () => {
    const call = client.makeBidiStreamRequest(
      handshake,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    );
    call.cancel();
    call.on('error', () => {});
    const headers = { authorization: `Bearer ${tokenFor('ada')}` };
    expect((await ask(client, handshake, headers, new Uint8Array())).status.code).toBe(0);
  });

  it('starts no engine', async () => {
    const before = proxy.orchestrator.owners.length;
    await ask(client, handshake, { authorization: `Bearer ${tokenFor('ada')}` });
    expect(proxy.orchestrator.owners).toHaveLength(before);
  });

  it.each([
    ['a wrong password', basic('ada:hunter2'), request()],
    ['an expired token', { authorization: `Bearer ${tokenFor('ada', { exp: 1 })}` }, request()],
    ['no credentials', {}, request()],
    ['an empty password', {}, credentials('')],
    ['a payload of something else', {}, request(new Uint8Array([255, 255, 255]))],
    ['a message of something else', {}, new Uint8Array([255, 255, 255])],
    ['a bad header beside a good payload', basic('ada:hunter2'), credentials(tokenFor('ada'))],
  ])('is refused at once with %s', async (_name, headers, message) => {
    const { status, metadata } = await ask(client, handshake, headers, message);
    expect(status.code).toBe(16);
    expect(status.details).not.toContain('hunter2');
    expect(metadata.get('authorization')).toEqual([]);
  });

  it('leaves the session of a client as it is when another one shakes hands on the same connection', async () => {
    const open1 = await ask(client, handshake, basic(`ada:${tokenFor('ada')}`));
    await ask(client, handshake, basic(`eve:${tokenFor('eve')}`));
    const bearer = String(open1.metadata.get('authorization')[0]);
    await ask(client, flightInfo, { authorization: bearer });
    expect(proxy.orchestrator.owners.at(-1)?.userId).toBe('ada');
    expect((await ask(client, flightInfo)).status.code).toBe(16);
  });

  it('opens the session for its user and connection too, whatever token is shown then', async () => {
    const sessionOf = async (by: grpc.Client, user: string) => {
      const answer = await ask(by, flightInfo, { authorization: `Bearer ${tokenFor(user)}` });
      return JSON.parse(String(answer.message))['x-pondpilot-session'] as string | undefined;
    };
    const [own, other] = [proxy.client(), proxy.client()];
    await ask(own, handshake, { authorization: `Bearer ${tokenFor('bea')}` });
    expect(await sessionOf(own, 'bea')).toMatch(/^[0-9a-f]{32}$/);
    expect(await sessionOf(own, 'bea')).toBe(await sessionOf(own, 'bea'));
    expect([await sessionOf(own, 'cem'), await sessionOf(other, 'bea')]).toEqual([undefined, undefined]);
    own.close();
    other.close();
  });

  it('survives clients that leave in the middle of it', async () => {
    for (let i = 0; i < 20; i += 1) open(client, handshake, {}).cancel();
    const headers = { authorization: `Bearer ${tokenFor('ada')}` };
    expect((await ask(client, handshake, headers)).status.code).toBe(0);
  });
});

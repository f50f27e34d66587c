import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import {
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  PollInfoSchema,
} from '@pondpilot/flight-sql';
import { DomainError } from '@pondpilot/kernel';
import {
  ask,
  deferred,
  open,
  pollFlightInfo,
  startProxy,
  tokenFor,
  until,
  type Deferred,
  type RunningProxy,
} from './proxy.harness.js';

const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;
const ada = { userId: 'ada', profile: 'normal' };

let proxy: RunningProxy;
let client: grpc.Client;
let engine: Deferred;
beforeEach(async () => {
  proxy = await startProxy();
  client = proxy.client();
  engine = deferred();
  engine.promise.catch(() => {});
  proxy.orchestrator.gate = engine.promise;
  proxy.orchestrator.waiting = { step: 'queued', place: 3 };
});
afterEach(() => proxy.stop());

const bearer = () => ({ authorization: `Bearer ${tokenFor('ada')}` });
const descriptor = (sql: string) =>
  toBinary(
    FlightDescriptorSchema,
    create(FlightDescriptorSchema, { type: FlightDescriptor_DescriptorType.CMD, cmd: Buffer.from(sql) }),
  );
const question = descriptor('SELECT 1');
const poll = (asked = question) => ask(client, pollFlightInfo, bearer(), asked);

async function told() {
  const { message, status } = await poll();
  expect(status.code).toBe(0);
  const answer = fromBinary(PollInfoSchema, message!);
  return { ...answer, state: JSON.parse(Buffer.from(answer.info!.appMetadata).toString()) as unknown };
}

describe('a poll whose engine is not ready', () => {
  it('is told what is waited for, and to ask the same again', async () => {
    const asked = fromBinary(FlightDescriptorSchema, question);
    const { info, flightDescriptor, progress, expirationTime, state } = await told();
    expect(state).toEqual({ state: 'queued', place: 3 });
    expect([flightDescriptor, info!.flightDescriptor]).toEqual([asked, asked]);
    expect([info!.endpoint, info!.schema.length, progress, expirationTime]).toEqual([
      [],
      0,
      undefined,
      undefined,
    ]);
    proxy.orchestrator.waiting = { step: 'attaching' };
    expect((await told()).state).toEqual({ state: 'attaching' });
    proxy.orchestrator.waiting = undefined;
    expect((await told()).state).toEqual({ state: 'waiting' });
  });

  it('is held for a while, so that nobody spins', async () => {
    const began = performance.now();
    await told();
    expect(performance.now() - began).toBeGreaterThan(450);
  });

  it('has one wait with the polls after it, the last of which goes to the engine', async () => {
    const { orchestrator } = proxy;
    await told();
    await told();
    expect(orchestrator.owners).toEqual([ada]);
    expect(orchestrator.signal!.aborted).toBe(false);
    engine.resolve();
    expect(Buffer.from(question).equals((await poll()).message!)).toBe(true);
    await until(() => orchestrator.held === 0);
  });

  it('is answered by the engine where that becomes ready meanwhile', async () => {
    await told();
    const answer = poll();
    await new Promise((resolve) => setTimeout(resolve, 100));
    engine.resolve();
    expect(Buffer.from(question).equals((await answer).message!)).toBe(true);
    // Not kept for a poll to come either.
    await until(() => proxy.orchestrator.held === 0);
  });

  it('hears of a start that failed between two polls, and the one after it tries again', async () => {
    const { orchestrator } = proxy;
    await told();
    engine.reject(new DomainError('unavailable', 'It could not be started.'));
    orchestrator.gate = new Promise(() => {});
    const { code, details } = (await poll()).status;
    expect([code, details]).toEqual([UNAVAILABLE, 'It could not be started.']);
    await told();
    expect(orchestrator.owners).toEqual([ada, ada]);
  });

  it('is refused where it is no descriptor, and waits for nothing', async () => {
    const { status } = await poll(Buffer.from([255, 255]));
    expect(status).toMatchObject({
      code: INVALID_ARGUMENT,
      details: expect.stringContaining('FlightDescriptor'),
    });
    await until(() => proxy.orchestrator.signal!.aborted);
  });

  it('waits for its engine where it is too long to be read here, and gets there whole', async () => {
    const long = descriptor(`SELECT ${'1'.repeat(200_000)}`);
    const answer = poll(long);
    await new Promise((resolve) => setTimeout(resolve, 700));
    engine.resolve();
    expect(Buffer.from(long).equals((await answer).message!)).toBe(true);
    await until(() => proxy.orchestrator.held === 0);
  });

  it('leaves no wait behind where the client goes away', async () => {
    const { orchestrator } = proxy;
    const call = open(client, pollFlightInfo, bearer(), Buffer.from(question));
    await until(() => orchestrator.owners.length === 1);
    call.cancel();
    await until(() => orchestrator.signal!.aborted);
  });

  it('waits no longer once its connection is gone', async () => {
    await told();
    expect(proxy.orchestrator.signal!.aborted).toBe(false);
    client.close();
    await until(() => proxy.orchestrator.signal!.aborted);
  });

  it('is not answered with what another user waits for', async () => {
    await told();
    const { status } = await ask(client, pollFlightInfo, { authorization: 'Bearer none' }, question);
    expect(status.code).toBe(16);
    expect(proxy.orchestrator.owners).toEqual([ada]);
  });
});

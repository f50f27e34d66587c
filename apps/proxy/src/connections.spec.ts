import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type * as grpc from '@grpc/grpc-js';
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

const HEADER = 'x-pondpilot-connection';

let proxy: RunningProxy;
let client: grpc.Client;
beforeEach(async () => {
  proxy = await startProxy();
  client = proxy.client();
});
afterEach(() => proxy.stop());

const bearer = (sub = 'ada') => ({ authorization: `Bearer ${tokenFor(sub)}` });

/** The connection that the engine was told for one call. */
async function connectionOf(over: grpc.Client, headers: Record<string, string> = {}): Promise<string> {
  const { message } = await ask(over, flightInfo, { ...bearer(), ...headers });
  return (JSON.parse(String(message)) as Record<string, string>)[HEADER]!;
}

describe('the connection of a call', () => {
  it('has one name for all calls over it, and another one for each connection', async () => {
    const names = [
      await connectionOf(client),
      await connectionOf(client),
      await connectionOf(proxy.client()),
    ];
    expect(names[0]).toMatch(/^[0-9a-f]{16}-\d+$/);
    expect(names[1]).toBe(names[0]);
    expect(names[2]).not.toBe(names[0]);
  });

  it('has a name that no other proxy gives', async () => {
    const another = await startProxy();
    const [mine, theirs] = [await connectionOf(client), await connectionOf(another.client())];
    await another.stop();
    const proxyOf = (name: string) => name.split('-')[0];
    expect(proxyOf(theirs)).not.toBe(proxyOf(mine));
  });

  it('is never what the client says', async () => {
    const name = await connectionOf(client);
    expect(await connectionOf(client, { [HEADER]: 'stolen-1' })).toBe(name);
  });
});

describe('the end of a connection', () => {
  it('is told to each engine that it used, once', async () => {
    const { orchestrator } = proxy;
    const names = [await connectionOf(client)];
    orchestrator.engineId = 'e2';
    const bob = bearer('bob');
    names.push(await connectionOf(client, bob), await connectionOf(client, bob));
    expect(orchestrator.closed).toEqual([]);
    client.close();
    await until(() => orchestrator.closed.length >= 2);
    expect(orchestrator.closed).toEqual([
      { engineId: 'e1', connectionId: names[0] },
      { engineId: 'e2', connectionId: names[1] },
    ]);
    await connectionOf(proxy.client());
    expect(orchestrator.closed).toHaveLength(2);
  });

  it('is told after the calls that were in flight', async () => {
    const { orchestrator } = proxy;
    const call = open(client, doGet, bearer());
    await new Promise((resolve) => call.once('data', resolve));
    call.cancel();
    client.close();
    await until(() => orchestrator.closed.length > 0);
    expect(orchestrator.held).toBe(0);
  });

  it('is told to nobody where it comes while the engine starts', async () => {
    const { orchestrator } = proxy;
    const gate = deferred();
    orchestrator.gate = gate.promise;
    const call = open(client, doGet, bearer());
    await until(() => orchestrator.owners.length === 1);
    call.cancel();
    client.close();
    await until(() => orchestrator.signal?.aborted === true);
    gate.resolve();
    await until(() => orchestrator.held === 0);
    await connectionOf(proxy.client());
    expect(orchestrator.closed).toEqual([]);
    expect(orchestrator.owners).toHaveLength(2);
  });
});

describe('an engine that can not be reached', () => {
  it('is followed by another one, for the same call', async () => {
    const { orchestrator } = proxy;
    orchestrator.ports.push(1);
    const { message, status } = await ask(client, flightInfo, bearer());
    expect(status.code).toBe(0);
    expect(JSON.parse(String(message))).toHaveProperty([HEADER]);
    const ada = { userId: 'ada', profile: 'normal' };
    expect(orchestrator.owners).toEqual([ada, ada]);
    await until(() => orchestrator.held === 0);
  });
});

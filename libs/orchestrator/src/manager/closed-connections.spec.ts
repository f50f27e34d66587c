import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import {
  closedConnections,
  enginePid,
  fakeEngineOptions,
  FakeProvider,
  makeScratch,
  SlowProvider,
} from '@pondpilot/testing';
import { ProcessProvider } from '../providers/process/process-provider.js';
import { claimEngine, tellClosed, type TellClosed } from './control.js';
import { manage, MINUTE, settle, user } from './manager.harness.js';

function watched() {
  const told: string[] = [];
  const tell: TellClosed = async ({ id }, connectionId) => void told.push(`${id} ${connectionId}`);
  return { told, tell };
}

describe('the end of a client connection', () => {
  it('is told to the engine that it names, and holds it no longer in use', async () => {
    const { told, tell } = watched();
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider, { tell });
    const [one, other] = [await manager.acquire(user(1)), await manager.acquire(user(2))];
    one.release();
    await pass(3 * MINUTE);
    manager.connectionClosed(one.engineId, 'c-1');
    expect(told).toEqual([`${one.engineId} c-1`]);
    await pass(2 * MINUTE);
    expect(await provider.list()).toEqual([other.engineId]);
  });

  it('is told to nobody where the engine is unknown, gone or being stopped', async () => {
    const { told, tell } = watched();
    const provider = new FakeProvider();
    const { manager } = manage(provider, { tell });
    const { engineId } = await manager.acquire(user(1));
    manager.connectionClosed('another', 'c-1');
    provider.die(engineId);
    manager.connectionClosed(engineId, 'c-1');
    const last = await manager.acquire(user(2));
    const end = manager.shutdown();
    manager.connectionClosed(last.engineId, 'c-1');
    await end;
    expect(told).toEqual([]);
    expect(provider.launched).toHaveLength(2);
  });

  it('starts no engine, and does not disturb one that starts', async () => {
    const { told, tell } = watched();
    const provider = new SlowProvider();
    const { manager } = manage(provider, { tell });
    const request = manager.acquire(user(1));
    await settle();
    manager.connectionClosed('e', 'c-1');
    provider.goOn();
    await request;
    expect([told, provider.launched.length]).toEqual([[], 1]);
  });

  it('is a line for debugging where the engine does not hear it', async () => {
    const { manager, log } = manage(new FakeProvider(), { tell: () => Promise.reject(new Error('gone')) });
    const { engineId } = await manager.acquire(user(1));
    manager.connectionClosed(engineId, 'c-1');
    await settle();
    expect(log.lines.at(-1)).toEqual({
      level: 'debug',
      message: 'Container not told of a closed connection',
      fields: { user_id: 'user 1', container_id: engineId, error: 'gone' },
    });
  });
});

describe('an engine of its own process', () => {
  let scratch = '';
  beforeAll(async () => {
    scratch = await makeScratch();
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  it('hears of it by its control service', async () => {
    const provider = new ProcessProvider(await fakeEngineOptions(scratch, 'obedient'));
    const { manager } = manage(provider, { claim: claimEngine, tell: tellClosed });
    const { engineId, release } = await manager.acquire(user(1));
    for (const id of ['c-1', 'c-2']) manager.connectionClosed(engineId, id);
    while (closedConnections(engineId).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(closedConnections(engineId).toSorted()).toEqual(['c-1', 'c-2']);
    process.kill(enginePid(engineId)!, 'SIGSTOP');
    manager.connectionClosed(engineId, 'c-3');
    release();
    await manager.shutdown();
    expect(enginePid(engineId)).toBeUndefined();
  }, 30_000);
});

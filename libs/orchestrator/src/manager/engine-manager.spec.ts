import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeProvider, RecordedLog, SlowProvider } from '@pondpilot/testing';
import type { Owner } from '../orchestrator.js';
import type { EngineProvider } from '../provider.js';
import type { ClaimEngine } from './control.js';
import { ownerIn } from './slot.js';
import { KEPT, MINUTE, manage as make, sealOwner, settle, watch, type Changes } from './manager.harness.js';

const ada: Owner = { userId: 'ada@example.org', profile: 'normal' };
const bob: Owner = { userId: 'bob', profile: 'normal' };

let log: RecordedLog;
let claims: Array<{ id: string; owner: string; callSecret: string }>;
let claim: ClaimEngine;

beforeEach(() => {
  log = new RecordedLog();
  claims = [];
  claim = async ({ id, callSecret }, owner) => void claims.push({ id, owner, callSecret });
});

function manage(provider: EngineProvider, changes: Changes = {}) {
  return make(provider, { log, claim: (...given) => claim(...given), ...changes });
}

describe('acquire', () => {
  it('starts one engine for fifty concurrent requests of one user', async () => {
    const provider = new SlowProvider();
    const { manager } = manage(provider);
    const requests = Array.from({ length: 50 }, () => manager.acquire(ada));
    await settle();
    expect(provider.waiting).toHaveLength(1);
    provider.goOn();
    const leases = await Promise.all(requests);
    expect(new Set(leases.map(({ engineId }) => engineId)).size).toBe(1);
    expect(provider.launched).toHaveLength(1);
    expect(claims).toHaveLength(1);
    expect(manager.statistics()).toEqual({
      active: 1,
      spare: 0,
      waiting: {},
      totalSpawned: 1,
      totalStopped: 0,
      lastFailure: undefined,
    });
  });

  it('reuses the engine, and gives the secret that its claim set', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    const first = await manager.acquire(ada);
    first.release();
    const second = await manager.acquire(ada);
    expect(second.engineId).toBe(first.engineId);
    expect(second.callSecret).toBe(claims[0]!.callSecret);
    expect(provider.launched).toHaveLength(1);
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'Container spawned',
        fields: { user_id: 'ada@example.org', container_id: first.engineId },
      },
    ]);
  });

  it('never takes an engine that has just become ready from those who wait for it', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider, { maxPerHost: 1, maxQueue: 0 });
    let other: Promise<unknown> | undefined;
    log.info = () => {
      other ??= manager.acquire(bob).catch((error: unknown) => error);
    };
    await manager.acquire(ada);
    expect(await other).toMatchObject({ kind: 'resource_exhausted' });
  });

  it('gives each user and each profile an engine of its own, by its spec', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    const leases = [await manager.acquire(ada), await manager.acquire(bob)];
    leases.push(await manager.acquire({ ...ada, profile: 'demo' }));
    expect(new Set(leases.map(({ engineId }) => engineId)).size).toBe(3);
    expect(new Set(leases.map(({ callSecret }) => callSecret)).size).toBe(3);
    expect(provider.launched.map(({ memoryBytes }) => memoryBytes)).toEqual([1, 1, 2]);
  });

  it('tells the engine its owner, the same each time and another for each profile', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    const { engineId } = await manager.acquire(ada);
    provider.die(engineId);
    await manager.acquire(ada);
    await manager.acquire({ ...ada, profile: 'demo' });
    const owners = claims.map((one) => ownerIn(one.id, one.owner, sealOwner));
    expect(owners).toEqual([ada, ada, { ...ada, profile: 'demo' }]);
  });
});

describe('the check of each minute', () => {
  it('stops an engine that nobody has used for the idle time-out, and not before', async () => {
    const provider = new FakeProvider();
    const { manager, clock, pass } = manage(provider);
    const lease = await manager.acquire(ada);
    clock.advance(3 * MINUTE);
    lease.release();
    clock.advance(4 * MINUTE);
    await settle();
    expect(provider.stopped).toEqual([]);
    await pass(MINUTE);
    expect(provider.stopped).toEqual([{ engineId: lease.engineId, reason: 'idle_timeout' }]);
    const fields = { user_id: 'ada@example.org', container_id: lease.engineId, reason: 'idle_timeout' };
    expect(log.lines.at(-1)).toEqual({ level: 'info', message: 'Container stopped', fields });
    expect(manager.statistics()).toMatchObject({ active: 0, totalSpawned: 1, totalStopped: 1 });
  });

  it('never stops one that is held, also where another lease of it was released twice', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider);
    const held = await manager.acquire(ada);
    const other = await manager.acquire(ada);
    other.release();
    other.release();
    await pass(60 * MINUTE);
    expect(provider.stopped).toEqual([]);
    held.release();
    await pass(6 * MINUTE);
    expect(provider.stopped).toHaveLength(1);
  });

  it('goes by the idle time-out of the profile', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider);
    const normal = await manager.acquire(ada);
    const demo = await manager.acquire({ ...ada, profile: 'demo' });
    normal.release();
    demo.release();
    await pass(MINUTE);
    expect(provider.stopped.map(({ engineId }) => engineId)).toEqual([demo.engineId]);
  });

  it('lets a request that comes during the stop wait for its end, and then start anew', async () => {
    const provider = new SlowProvider();
    const { manager, pass } = manage(provider);
    const first = manager.acquire(ada);
    await settle();
    provider.goOn();
    const old = await first;
    old.release();
    await pass(6 * MINUTE);
    const second = manager.acquire(ada);
    await settle();
    expect(provider.waiting.map(({ call }) => call)).toEqual(['stop']);
    provider.goOn();
    await settle();
    expect(provider.waiting.map(({ call }) => call)).toEqual(['launch']);
    provider.goOn();
    expect((await second).engineId).not.toBe(old.engineId);
    expect(provider.peak).toBe(1);
  });

  it('tries a stop that failed again, and lets nobody have its place before', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 1 });
    (await manager.acquire(ada)).release();
    provider.stopError = new Error('not reachable');
    for (const userId of ['bob', 'eve', 'ada@example.org']) {
      const request = watch(manager.acquire({ ...ada, userId }));
      await pass(KEPT);
      expect(request.error).toMatchObject({ kind: 'unavailable' });
    }
    expect(log.fieldsOf('Container stop failed').map(({ error }) => error)).toEqual(
      Array.from({ length: 3 }, () => 'not reachable'),
    );
    provider.stopError = undefined;
    await pass(MINUTE);
    expect(await provider.list()).toEqual([]);
    await manager.acquire(bob);
    expect(provider.peak).toBe(1);
    expect(manager.statistics()).toMatchObject({ active: 1, totalSpawned: 2, totalStopped: 1 });
  });
});

describe('a death', () => {
  it('is noticed at once, and the next request gets a new engine', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    const { engineId } = await manager.acquire(ada);
    provider.die(engineId);
    expect(log.lines.at(-1)).toEqual({
      level: 'warn',
      message: 'Container died',
      fields: {
        user_id: 'ada@example.org',
        container_id: engineId,
        cause: 'killed',
        detail: 'signal SIGKILL',
      },
    });
    expect(manager.statistics()).toMatchObject({ active: 0, totalStopped: 1 });
    expect((await manager.acquire(ada)).engineId).not.toBe(engineId);
  });

  it('leaves the leases of the dead engine without effect on the new one', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider);
    const old = await manager.acquire(ada);
    provider.die(old.engineId);
    await manager.acquire(ada);
    old.release();
    await pass(60 * MINUTE);
    expect(provider.stopped).toEqual([]);
  });

  it('during the claim fails the start at once', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    claim = async ({ id }) => {
      provider.die(id);
      await new Promise(() => {});
    };
    await expect(manager.acquire(ada)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(log.fieldsOf('Container spawn failed')[0]!.error).toMatch(/signal SIGKILL/);
    expect(manager.statistics()).toMatchObject({ active: 0, totalSpawned: 0, totalStopped: 0 });
  });
});

import { describe, expect, it } from '@jest/globals';
import { FakeProvider, RecordedLog, SlowProvider } from '@pondpilot/testing';
import { EngineState } from '@pondpilot/engine-api';
import { KEPT, manage, MINUTE, randomFrom, sealOwner, settle, user, watch } from './manager.harness.js';
import { sealedKey } from './slot.js';

/** For the next spare engine to boot. */
const REFILLED = 100;

async function warm(provider: FakeProvider, changes: Parameters<typeof manage>[1] = {}) {
  const managed = manage(provider, { spares: { normal: 1 }, ...changes });
  await managed.manager.open();
  await settle();
  return managed;
}

describe('spare engines', () => {
  it('are none unless they are wanted', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = await warm(provider, { spares: {} });
    await pass(MINUTE);
    expect(provider.launched).toEqual([]);
    expect(manager.statistics().spare).toBe(0);
  });

  it('run before anyone asks, are claimed by the first who does, and are replaced', async () => {
    const provider = new FakeProvider();
    const claims: string[] = [];
    const claim = async (_: unknown, owner: string) => void claims.push(owner);
    const { manager, pass, log } = await warm(provider, { claim });
    expect(manager.statistics()).toMatchObject({ active: 0, spare: 1, totalSpawned: 0 });
    const lease = await manager.acquire(user(1));
    expect(provider.launched).toHaveLength(1);
    expect(claims).toEqual([sealedKey(lease.engineId, user(1), sealOwner)]);
    expect(log.lines.map(({ message, fields }) => [message, fields['container_id']])).toEqual([
      ['Container spawned', lease.engineId],
    ]);
    await pass(REFILLED);
    expect(provider.launched).toHaveLength(2);
    expect(manager.statistics()).toMatchObject({ active: 1, spare: 1, totalSpawned: 1 });
  });

  it('never get a second user', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = await warm(provider);
    const first = await manager.acquire(user(1));
    first.release();
    await pass(REFILLED);
    const second = await manager.acquire(user(2));
    const again = await manager.acquire(user(1));
    expect(second.engineId).not.toBe(first.engineId);
    expect(again.engineId).toBe(first.engineId);
    await pass(REFILLED);
    provider.die(first.engineId);
    expect((await manager.acquire(user(3))).engineId).not.toBe(first.engineId);
  });

  it('that still boot are taken as they are', async () => {
    const provider = new SlowProvider();
    const { manager } = await warm(provider);
    const lease = watch(manager.acquire(user(1)));
    await settle();
    expect(provider.waiting).toHaveLength(1);
    provider.goOn();
    await settle();
    expect(lease.value).toBeDefined();
    expect(provider.launched).toHaveLength(1);
  });

  it('are of one profile each', async () => {
    const provider = new FakeProvider();
    const { manager } = await warm(provider);
    const lease = await manager.acquire(user(1, 'demo'));
    expect(provider.launched.map(({ fingerprint }) => fingerprint)).toEqual(['small', 'demo']);
    expect((await manager.acquire(user(1))).engineId).not.toBe(lease.engineId);
  });

  it('are no prey of the check of each minute, but replaced before what they have attached gets old', async () => {
    const provider = new FakeProvider();
    const { pass } = await warm(provider);
    for (let minute = 0; minute < 9; minute++) await pass(MINUTE);
    expect([provider.launched.length, provider.stopped]).toEqual([1, []]);
    for (let minute = 0; minute < 3; minute++) await pass(MINUTE);
    expect(provider.stopped.map(({ reason }) => reason)).toEqual(['outdated']);
    expect(provider.launched).toHaveLength(2);
  });

  it('are booted for normal users while demo users wait for their own limit', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = await warm(provider, { spares: { normal: 1 }, maxDemo: 1, maxPerHost: 9 });
    await manager.acquire(user(1, 'demo'));
    void watch(manager.acquire(user(2, 'demo')));
    await manager.acquire(user(3));
    await pass(REFILLED);
    expect(manager.statistics()).toMatchObject({ spare: 1, waiting: { queued: 1 } });
  });

  it('are booted again after a failure, by themselves', async () => {
    const provider = new FakeProvider();
    provider.launchError = new Error('no image');
    const { manager, pass } = await warm(provider);
    await pass(REFILLED);
    provider.launchError = undefined;
    await pass(2000);
    expect(manager.statistics().spare).toBe(1);
  });

  it('are asked anew once a user has them, also where a question was under way', async () => {
    const provider = new FakeProvider();
    let answer = () => {};
    let accept = () => {};
    const claim = () => new Promise<void>((resolve) => (accept = resolve));
    const { manager, health } = manage(provider, { spares: { normal: 1 }, claim });
    health.everyone = 'silent';
    health.gate = new Promise<void>((resolve) => (answer = resolve));
    await manager.open();
    await settle();
    const lease = manager.acquire(user(1));
    await settle();
    expect(health.asked).toHaveLength(1);
    answer();
    await settle();
    health.everyone = {};
    accept();
    const { engineId } = await lease;
    await settle();
    expect(health.asked).toEqual([engineId, engineId]);
  });

  it('that were taken while they booted are ended with a start that fails', async () => {
    const provider = new SlowProvider();
    const { manager, pass, health } = await warm(provider);
    provider.goOn();
    await settle();
    const { engineId: old, release } = await manager.acquire(user(1));
    await pass(REFILLED);
    expect(provider.waiting.map(({ call }) => call)).toEqual(['launch']);
    health.say(old, { state: EngineState.BROKEN });
    await pass(MINUTE);
    release();
    const next = watch(manager.acquire(user(1)));
    await settle();
    provider.stopError = new Error('the daemon refuses');
    provider.goOn(provider.waiting.findIndex(({ call }) => call === 'stop'));
    await settle();
    provider.stopError = undefined;
    const { engineId: booted } = provider.waiting.find(({ call }) => call === 'launch')!;
    provider.goOn(provider.waiting.findIndex(({ call }) => call === 'launch'));
    await settle();
    while (provider.waiting.length > 0) provider.goOn();
    await settle();
    expect(next.error).toMatchObject({ kind: 'unavailable' });
    expect(provider.stopped).toContainEqual({ engineId: booted, reason: 'spawn_failed' });
    expect(await provider.list()).not.toContain(booted);
  });

  it('leave when others need their place', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = await warm(provider, { maxPerHost: 1 });
    const lease = await manager.acquire(user(1, 'demo'));
    expect(provider.stopped.map(({ reason }) => reason)).toEqual(['make_room']);
    await pass(REFILLED);
    expect([provider.peak, manager.statistics().spare]).toEqual([1, 0]);
    expect(lease).toBeDefined();
  });

  it('are not booted where users wait for room', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = await warm(provider, { maxPerHost: 1 });
    const lease = await manager.acquire(user(1));
    const next = watch(manager.acquire(user(2)));
    await settle();
    lease.release();
    await pass(KEPT);
    await settle();
    expect(next.value).toBeDefined();
    expect(provider.peak).toBe(1);
  });

  it('that die are replaced, and those that are not sound', async () => {
    const provider = new FakeProvider();
    const { manager, pass, health } = await warm(provider);
    const [first] = await provider.list();
    provider.die(first!);
    await pass(REFILLED);
    const [second] = await provider.list();
    expect(second).not.toBe(first);
    health.say(second!, { state: EngineState.BROKEN });
    await pass(MINUTE);
    await pass(REFILLED);
    const [third] = await provider.list();
    expect([second, undefined]).not.toContain(third);
    health.say(third!, { state: EngineState.UNCLAIMED, outdated: true });
    await pass(MINUTE);
    await pass(REFILLED);
    expect(provider.stopped.map(({ reason }) => reason)).toEqual(['broken', 'database_returned']);
    expect(manager.statistics()).toMatchObject({ spare: 1, totalSpawned: 0, totalStopped: 0 });
  });

  it('that refuse their claim are replaced by a start for the same request', async () => {
    const provider = new FakeProvider();
    const refused: string[] = [];
    const claim = async ({ id }: { id: string }) => {
      if (refused.push(id) === 1) throw new Error('somebody has claimed it');
    };
    const { manager, log } = await warm(provider, { claim });
    const lease = await manager.acquire(user(1));
    expect(lease.engineId).not.toBe(refused[0]);
    expect(provider.stopped).toEqual([{ engineId: refused[0], reason: 'broken' }]);
    expect(log.lines.map(({ message }) => message)).toEqual([
      'Spare container of no use',
      'Container spawned',
    ]);
  });

  it('that die during their claim are replaced too', async () => {
    const provider = new FakeProvider();
    let first = '';
    const claim = async ({ id }: { id: string }) => {
      if (first !== '') return;
      first = id;
      provider.die(id);
      await new Promise(() => {});
    };
    const { manager } = await warm(provider, { claim });
    expect((await manager.acquire(user(1))).engineId).not.toBe(first);
  });

  it('that can not be started are tried again less and less often, and the log says why', async () => {
    const provider = new FakeProvider();
    provider.launchError = new Error('no space left on device');
    const log = new RecordedLog();
    const { manager, pass } = await warm(provider, { log });
    for (let second = 0; second < 120; second++) await pass(1000);
    expect(provider.launched.length).toBeGreaterThan(3);
    expect(provider.launched.length).toBeLessThan(12);
    expect(manager.statistics().lastFailure).toBe('no space left on device');
    expect(log.lines[0]).toEqual({
      level: 'error',
      message: 'Container spawn failed',
      fields: { error: 'no space left on device' },
    });
    provider.launchError = undefined;
    for (let second = 0; second < 31; second++) await pass(1000);
    expect(manager.statistics()).toMatchObject({ spare: 1, lastFailure: undefined });
  });

  it('end with the manager, and none is booted afterwards', async () => {
    const provider = new SlowProvider();
    const { manager, pass } = await warm(provider, { spares: { normal: 2 } });
    provider.goOn();
    await pass(REFILLED);
    const closing = manager.shutdown();
    await settle();
    provider.goOn();
    await closing;
    await pass(MINUTE);
    expect(await provider.list()).toEqual([]);
    expect(provider.launched.length).toBeLessThanOrEqual(2);
  });

  it.each([1, 2, 3])('never pass the limit, whatever happens (seed %i)', async (seed) => {
    const provider = new FakeProvider();
    const random = randomFrom(seed);
    const { manager, pass } = await warm(provider, { spares: { normal: 2, demo: 1 }, maxPerHost: 4 });
    const leases: Array<{ release(): void }> = [];
    for (let step = 0; step < 300; step++) {
      const pick = random();
      const profile = random() < 0.3 ? 'demo' : 'normal';
      if (pick < 0.4)
        void manager.acquire(user(Math.floor(random() * 8), profile)).then(
          (lease) => leases.push(lease),
          () => {},
        );
      else if (pick < 0.7) leases.shift()?.release();
      else if (pick < 0.8) provider.die((await provider.list())[0] ?? 'none');
      else await pass(Math.floor(random() * 5000));
      await settle();
      expect((await provider.list()).length).toBeLessThanOrEqual(4);
    }
    expect(provider.peak).toBeLessThanOrEqual(4);
  });
});

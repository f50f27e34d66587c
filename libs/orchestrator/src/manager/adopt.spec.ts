import { describe, expect, it } from '@jest/globals';
import { EngineState } from '@pondpilot/engine-api';
import { engineNamed, LastingProvider, type HealthFacts } from '@pondpilot/testing';
import { manage, MINUTE, sealOwner, settle, user, watch, type Changes } from './manager.harness.js';
import { sealedKey, slotKey } from './slot.js';

const left = (id: string, fingerprint = 'small') => ({ ...engineNamed(id), fingerprint });
/** That this engine belongs to this user, as a proxy of the deployment has told it. */
const of = (id: number, engineId: string): HealthFacts => ({
  owner: sealedKey(engineId, user(id), sealOwner),
});
const UNCLAIMED: HealthFacts = { state: EngineState.UNCLAIMED, owner: '' };

async function restarted(
  engines: Record<string, HealthFacts | 'silent'>,
  changes: Changes = {},
  fingerprint?: string,
) {
  const provider = new LastingProvider(Object.keys(engines).map((id) => left(id, fingerprint)));
  const managed = manage(provider, changes);
  for (const [id, facts] of Object.entries(engines)) managed.health.say(id, facts);
  await managed.manager.open();
  await settle();
  return { provider, ...managed };
}

describe('a proxy that comes back', () => {
  it('gives users the engines that they had', async () => {
    const { manager, provider, log } = await restarted({ one: of(1, 'one'), two: of(2, 'two') });
    expect((await manager.acquire(user(2))).engineId).toBe('two');
    const lease = await manager.acquire(user(1));
    expect(lease).toMatchObject({ engineId: 'one', callSecret: 'call one' });
    expect(provider.launched).toEqual([]);
    expect(manager.statistics()).toMatchObject({ active: 2, totalSpawned: 0 });
    expect(log.lines).toContainEqual({
      level: 'info',
      message: 'Container adopted',
      fields: { user_id: 'user 1', container_id: 'one' },
    });
  });

  it('lets requests wait until it knows whose engines there are', async () => {
    const provider = new LastingProvider([left('one')]);
    const { manager, health } = manage(provider);
    health.say('one', of(1, 'one'));
    let answer = () => {};
    health.gate = new Promise<void>((resolve) => (answer = resolve));
    const opening = manager.open();
    const lease = manager.acquire(user(1));
    await settle();
    answer();
    await opening;
    expect((await lease).engineId).toBe('one');
    expect(provider.launched).toEqual([]);
  });

  it('stops those that do not answer, are broken, or whose owner makes no sense', async () => {
    const { manager, provider } = await restarted({
      silent: 'silent',
      broken: { ...of(1, 'broken'), state: EngineState.BROKEN },
      draining: { ...of(2, 'draining'), state: EngineState.DRAINING },
      strange: { owner: 'what is this' },
      mine: of(3, 'mine'),
    });
    const stopped = provider.stopped.map(({ engineId, reason }) => `${engineId} ${reason}`);
    expect(stopped.toSorted()).toEqual([
      'broken orphaned',
      'draining orphaned',
      'silent orphaned',
      'strange orphaned',
    ]);
    expect(manager.statistics().active).toBe(1);
  });

  it('keeps one of two engines of the same user', async () => {
    const { manager, provider } = await restarted({ one: of(1, 'one'), other: of(1, 'other') });
    const { engineId } = await manager.acquire(user(1));
    expect(await provider.list()).toEqual([engineId]);
  });

  it('believes no engine that says whose it is without having been told', async () => {
    const forged: Record<string, HealthFacts> = {
      'another engine told': of(1, 'mine'),
      'seal of another': { owner: `${sealOwner('seal of another', slotKey(user(2)))}\n${slotKey(user(1))}` },
      'no seal': { owner: slotKey(user(1)) },
      'empty seal': { owner: `\n${slotKey(user(1))}` },
    };
    const { manager, provider } = await restarted({ ...forged, mine: of(1, 'mine') });
    expect(provider.stopped.map(({ engineId }) => engineId).toSorted()).toEqual(
      Object.keys(forged).toSorted(),
    );
    expect((await manager.acquire(user(1))).engineId).toBe('mine');
  });

  it("replaces unclaimed ones, which may have been somebody's, and keeps within the limit meanwhile", async () => {
    const { manager, provider, pass } = await restarted(
      { a: UNCLAIMED, b: UNCLAIMED },
      { spares: { normal: 1 }, maxPerHost: 2 },
    );
    await pass(1000);
    expect(provider.stopped).toEqual(['a', 'b'].map((engineId) => ({ engineId, reason: 'orphaned' })));
    expect(provider.launched).toHaveLength(1);
    expect(provider.peak).toBeLessThanOrEqual(2);
    expect(manager.statistics()).toMatchObject({ active: 0, spare: 1 });
  });

  it("leaves a user's engine of another configuration in use, and stops it when it is not", async () => {
    const { manager, provider, pass } = await restarted({ one: of(1, 'one') }, {}, 'of another time');
    const lease = await manager.acquire(user(1));
    await pass(3 * MINUTE);
    expect([lease.engineId, provider.stopped]).toEqual(['one', []]);
    lease.release();
    await pass(MINUTE);
    expect(provider.stopped).toEqual([{ engineId: 'one', reason: 'outdated' }]);
    expect((await manager.acquire(user(1))).engineId).not.toBe('one');
  });

  it('starts no second engine for a user while it can not find out what is left', async () => {
    const provider = new LastingProvider([left('one')]);
    provider.findError = new Error('no answer');
    const { manager, health, log, pass } = manage(provider);
    health.say('one', of(1, 'one'));
    await manager.open();
    for (let time = 0; time < 2; time += 1)
      await expect(manager.acquire(user(1))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'Containers of an earlier proxy not adopted',
        fields: { error: 'no answer' },
      },
    ]);
    provider.findError = undefined;
    await pass(5000);
    expect(manager.statistics().active).toBe(1);
    expect((await manager.acquire(user(1))).engineId).toBe('one');
    expect(provider.launched).toEqual([]);
  });

  it('asks again what is left when a request comes', async () => {
    const provider = new LastingProvider([left('one')]);
    provider.findError = new Error('no answer');
    const { manager, health } = manage(provider);
    health.say('one', of(1, 'one'));
    await manager.open();
    provider.findError = undefined;
    expect((await manager.acquire(user(1))).engineId).toBe('one');
  });

  it('leaves all engines to the next when it goes', async () => {
    const { manager, provider } = await restarted({ one: of(1, 'one') }, { spares: { normal: 1 } });
    await manager.acquire(user(2));
    await manager.shutdown();
    expect([provider.detached, provider.closed, provider.stopped]).toEqual([true, false, []]);
  });

  it('leaves no spare one, as it holds nothing of anybody', async () => {
    const { manager, provider } = await restarted({ one: of(1, 'one') }, { spares: { normal: 1 } });
    await manager.shutdown();
    expect(provider.stopped).toEqual([{ engineId: expect.any(String), reason: 'shutdown' }]);
    expect(await provider.list()).toEqual(['one']);
  });

  it('starts nothing for requests that waited when it began to drain', async () => {
    const provider = new LastingProvider([left('one')]);
    const { manager, health } = manage(provider);
    let answer = () => {};
    health.gate = new Promise<void>((resolve) => (answer = resolve));
    const opening = manager.open();
    const request = watch(manager.acquire(user(1)));
    manager.drain();
    answer();
    await opening;
    await settle();
    expect(request.error).toMatchObject({ kind: 'unavailable' });
    expect(provider.launched).toEqual([]);
  });
});

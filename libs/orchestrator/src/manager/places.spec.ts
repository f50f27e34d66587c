import { describe, expect, it } from '@jest/globals';
import { FakeProvider, SlowProvider } from '@pondpilot/testing';
import { Deferred } from '../deferred.js';
import type { EngineLease } from '../orchestrator.js';
import { KEPT, manage, randomFrom, settle, user, watch } from './manager.harness.js';

describe('at the limit of the host', () => {
  it('counts engines that are only starting', async () => {
    const provider = new SlowProvider();
    const { manager } = manage(provider, { maxPerHost: 1, maxQueue: 0 });
    const first = manager.acquire(user(1));
    await expect(manager.acquire(user(2))).rejects.toMatchObject({ kind: 'resource_exhausted' });
    await settle();
    provider.goOn();
    await first;
  });

  it('stops the engine that is unused for the longest time, and waits for its end', async () => {
    const provider = new FakeProvider();
    const { manager, clock, pass } = manage(provider);
    const leases: EngineLease[] = [];
    for (const id of [1, 2, 3]) leases.push(await manager.acquire(user(id)));
    for (const index of [1, 0]) {
      clock.advance(1000);
      leases[index]!.release();
    }
    const request = manager.acquire(user(4));
    await pass(KEPT);
    await request;
    expect(provider.stopped).toEqual([{ engineId: leases[1]!.engineId, reason: 'make_room' }]);
    expect(provider.peak).toBe(3);
  });

  it('keeps an engine for its user for a moment after each call: the next one may belong to it', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 1 });
    (await manager.acquire(user(1))).release();
    const other = watch(manager.acquire(user(2)));
    await pass(KEPT - 1);
    const again = await manager.acquire(user(1));
    await pass(KEPT);
    expect(provider.stopped).toEqual([]);
    again.release();
    await pass(KEPT);
    expect(other.value).toBeDefined();
    expect(provider.peak).toBe(1);
  });

  it.each([{ openTransactions: 1 }, { statements: 1 }])('leaves an engine alone with %j', async (facts) => {
    const provider = new FakeProvider();
    const { manager, health, pass } = manage(provider, { maxPerHost: 1 });
    const lease = await manager.acquire(user(1));
    health.say(lease.engineId, facts);
    lease.release();
    const other = watch(manager.acquire(user(2)));
    for (let round = 0; round < 5; round += 1) await pass(KEPT);
    expect(provider.stopped).toEqual([]);
    health.say(lease.engineId, {});
    await pass(KEPT);
    expect(other.value).toBeDefined();
  });

  it('keeps it for that moment also where nothing is known to be open in it', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 1 });
    const lease = await manager.acquire(user(1));
    await pass(14_500);
    lease.release();
    // The regular checkup.
    await pass(500);
    const other = watch(manager.acquire(user(2)));
    await pass(KEPT - 501);
    expect(provider.stopped).toEqual([]);
    await pass(1);
    expect(other.value).toBeDefined();
  });

  it('does not go by an answer from before the latest use', async () => {
    const provider = new FakeProvider();
    const { manager, health, pass } = manage(provider, { maxPerHost: 1 });
    const lease = await manager.acquire(user(1));
    await settle();
    lease.release();
    const other = watch(manager.acquire(user(2)));
    const answer = new Deferred<void>();
    health.gate = answer.promise;
    await pass(KEPT);
    (await manager.acquire(user(1))).release();
    health.say(lease.engineId, { openTransactions: 1 });
    answer.resolve();
    for (let round = 0; round < 3; round += 1) await pass(KEPT);
    expect(provider.stopped).toEqual([]);
    expect(other).toEqual({});
  });

  it("starts anew the engine that was stopped for another's, once there is room again", async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 1 });
    (await manager.acquire(user(1))).release();
    const second = manager.acquire(user(2));
    await pass(KEPT);
    const first = watch(manager.acquire(user(1)));
    await pass(KEPT);
    expect(first).toEqual({});
    (await second).release();
    await pass(KEPT);
    expect(first.value).toBeDefined();
    expect(provider.peak).toBe(1);
  });
});

describe('at the limit of a profile', () => {
  it('refuses with the name of its setting, and leaves other profiles room', async () => {
    const { manager } = manage(new FakeProvider(), { maxPerHost: 10, maxQueue: 0 });
    await manager.acquire(user(1, 'demo'));
    await manager.acquire(user(2, 'demo'));
    await expect(manager.acquire(user(3, 'demo'))).rejects.toMatchObject({
      kind: 'resource_exhausted',
      message: expect.stringContaining('security.demo_tokens.max_engines'),
    });
    await expect(manager.acquire(user(3))).resolves.toBeDefined();
  });

  it('makes room among its own engines only', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 10, maxDemo: 1 });
    (await manager.acquire(user(1))).release();
    const demo = await manager.acquire(user(2, 'demo'));
    demo.release();
    const next = manager.acquire(user(3, 'demo'));
    await pass(KEPT);
    await next;
    expect(provider.stopped).toEqual([{ engineId: demo.engineId, reason: 'make_room' }]);
  });

  it('lets others pass those who wait for it, and nobody of its own', async () => {
    const provider = new FakeProvider();
    const { manager, pass } = manage(provider, { maxDemo: 1 });
    const held = await manager.acquire(user(1, 'demo'));
    const waiting = [2, 3].map((id) => watch(manager.acquire(user(id, 'demo'))));
    await manager.acquire(user(4));
    held.release();
    await pass(KEPT);
    expect(waiting.map(({ value }) => value !== undefined)).toEqual([true, false]);
  });
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('forty users at a limit of ten, interleaving %i', (seed) => {
  it('never has more than ten engines, nor two of one user, and ends with none', async () => {
    const provider = new SlowProvider();
    const owners = new Map<string, string>();
    const { manager, clock } = manage(provider, {
      maxPerHost: 10,
      maxDemo: 4,
      maxQueue: 12,
      claim: async ({ id }, owner) => void owners.set(id, owner),
    });
    const random = randomFrom(seed);
    const held: EngineLease[] = [];
    const open = new Set<Promise<void>>();
    const refusals = new Set<unknown>();
    let served = 0;
    const ask = async (signal?: AbortSignal) => {
      const id = Math.floor(random() * 40);
      try {
        held.push(await manager.acquire(user(id, id % 4 === 0 ? 'demo' : 'normal'), signal));
        served += 1;
      } catch (error) {
        refusals.add((error as { kind?: unknown }).kind);
      }
    };
    const begin = (signal?: AbortSignal) => {
      const request = ask(signal).finally(() => open.delete(request));
      open.add(request);
    };
    const leaving: AbortController[] = [];
    for (let step = 0; step < 600; step += 1) {
      const dice = random();
      if (dice < 0.35) begin();
      else if (dice < 0.4) {
        leaving.push(new AbortController());
        begin(leaving.at(-1)!.signal);
      } else if (dice < 0.43) leaving.shift()?.abort();
      else if (dice < 0.65) provider.goOn(Math.floor(random() * provider.waiting.length));
      else if (dice < 0.8) held.splice(Math.floor(random() * held.length), 1)[0]?.release();
      else if (dice < 0.95) clock.advance(random() * 2 * KEPT);
      else if (dice < 0.97) clock.advance(60_000);
      else provider.die((await provider.list())[0] ?? '');
      if (random() < 0.7) await settle();
      expect(provider.peak).toBeLessThanOrEqual(10);
      const live = (await provider.list()).filter((id) => owners.has(id));
      expect(new Set(live.map((id) => owners.get(id))).size).toBe(live.length);
    }
    while (open.size > 0) {
      provider.goOn();
      clock.advance(KEPT);
      await settle();
    }
    expect(served).toBeGreaterThan(20);
    expect(refusals).toContain('resource_exhausted');
    expect([...refusals].filter((kind) => kind === 'internal' || kind === undefined)).toEqual([]);
    expect(provider.peak).toBe(10);
    const ended = manager.shutdown();
    while (provider.waiting.length > 0) {
      provider.goOn();
      await settle();
    }
    await ended;
    expect(await provider.list()).toEqual([]);
    expect(manager.statistics().active).toBe(0);
  });
});

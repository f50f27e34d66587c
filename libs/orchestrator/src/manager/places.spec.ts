import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { FakeProvider, RecordedLog, SlowProvider } from '@pondpilot/testing';
import type { EngineLease, Owner } from '../orchestrator.js';
import type { EngineProvider } from '../provider.js';
import type { ClaimEngine } from './claim.js';
import { EngineManager } from './engine-manager.js';

const profile = {
  spec: {
    databases: [],
    extensions: [],
    limits: { transactionIdleMs: 300_000, streamStallMs: 300_000 },
    memoryBytes: 1,
    cpus: 1,
  },
  idleTimeoutMs: 300_000,
};
const user = (userId: string | number, kind: Owner['profile'] = 'normal'): Owner => ({
  userId: `user ${userId}`,
  profile: kind,
});
const settle = () => new Promise((resolve) => setImmediate(resolve));

function manage(
  provider: EngineProvider,
  maxPerHost: number,
  maxDemo = 2,
  clock = new ManualClock(),
  claim: ClaimEngine = async () => {},
) {
  const options = {
    profiles: { normal: profile, demo: { ...profile, maxEngines: maxDemo } },
    maxPerHost,
    claimTimeoutMs: 1000,
  };
  return new EngineManager(provider, options, { log: new RecordedLog(), clock, claim });
}

/** Numbers from 0 to 1 that are the same for the same seed (a linear congruential generator). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('at the limit of the host', () => {
  it('refuses with the name of the setting where every engine is in use', async () => {
    const manager = manage(new FakeProvider(), 2);
    await manager.acquire(user(1));
    await manager.acquire(user(2));
    await expect(manager.acquire(user(3))).rejects.toMatchObject({
      kind: 'resource_exhausted',
      message: expect.stringContaining('containers.max_per_host'),
    });
    await expect(manager.acquire(user(1))).resolves.toBeDefined();
  });

  it('counts engines that are only starting', async () => {
    const provider = new SlowProvider();
    const manager = manage(provider, 1);
    const first = manager.acquire(user(1));
    await expect(manager.acquire(user(2))).rejects.toMatchObject({ kind: 'resource_exhausted' });
    await settle();
    provider.goOn();
    await first;
  });

  it('stops the engine that is unused for the longest time, and waits for its end', async () => {
    const provider = new FakeProvider();
    const clock = new ManualClock();
    const manager = manage(provider, 3, 2, clock);
    const leases: EngineLease[] = [];
    for (const id of [1, 2, 3]) leases.push(await manager.acquire(user(id)));
    for (const index of [1, 0]) {
      clock.advance(1000);
      leases[index]!.release();
    }
    await manager.acquire(user(4));
    expect(provider.stopped).toEqual([{ engineId: leases[1]!.engineId, reason: 'make_room' }]);
    expect(provider.peak).toBe(3);
  });

  it('gives the place of one engine to one request only', async () => {
    const provider = new SlowProvider();
    const manager = manage(provider, 1);
    const first = manager.acquire(user(1));
    await settle();
    provider.goOn();
    (await first).release();
    const outcomes = Promise.allSettled([2, 3, 4].map((id) => manager.acquire(user(id))));
    await settle();
    provider.goOn();
    await settle();
    provider.goOn();
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(provider.peak).toBe(1);
  });

  it("refuses the user whose engine was stopped for another's, until there is room again", async () => {
    const provider = new FakeProvider();
    const manager = manage(provider, 1);
    (await manager.acquire(user(1))).release();
    const second = await manager.acquire(user(2));
    await expect(manager.acquire(user(1))).rejects.toMatchObject({ kind: 'resource_exhausted' });
    second.release();
    await manager.acquire(user(1));
    expect(provider.peak).toBe(1);
  });
});

describe('at the limit of a profile', () => {
  it('refuses with the name of its setting, and leaves other profiles room', async () => {
    const manager = manage(new FakeProvider(), 10);
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
    const manager = manage(provider, 10, 1);
    (await manager.acquire(user(1))).release();
    const demo = await manager.acquire(user(2, 'demo'));
    demo.release();
    await manager.acquire(user(3, 'demo'));
    expect(provider.stopped).toEqual([{ engineId: demo.engineId, reason: 'make_room' }]);
  });
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('forty users at a limit of ten, interleaving %i', (seed) => {
  it('never has more than ten engines, nor two of one user, and ends with none', async () => {
    const provider = new SlowProvider();
    const clock = new ManualClock();
    const owners = new Map<string, string>();
    const manager = manage(provider, 10, 4, clock, async ({ id }, owner) => void owners.set(id, owner));
    const random = randomFrom(seed);
    const held: EngineLease[] = [];
    const open = new Set<Promise<void>>();
    const refusals = new Set<unknown>();
    let served = 0;
    const ask = async () => {
      const id = Math.floor(random() * 40);
      try {
        held.push(await manager.acquire(user(id, id % 4 === 0 ? 'demo' : 'normal')));
        served += 1;
      } catch (error) {
        refusals.add((error as { kind?: unknown }).kind);
      }
    };
    for (let step = 0; step < 600; step += 1) {
      const dice = random();
      if (dice < 0.4) {
        const request = ask().finally(() => open.delete(request));
        open.add(request);
      } else if (dice < 0.65) provider.goOn(Math.floor(random() * provider.waiting.length));
      else if (dice < 0.9) held.splice(Math.floor(random() * held.length), 1)[0]?.release();
      else if (dice < 0.95) clock.advance(60_000);
      else provider.die((await provider.list())[0] ?? '');
      if (random() < 0.7) await settle();
      expect(provider.peak).toBeLessThanOrEqual(10);
      const live = (await provider.list()).filter((id) => owners.has(id));
      expect(new Set(live.map((id) => owners.get(id))).size).toBe(live.length);
    }
    while (open.size > 0) {
      provider.goOn();
      await settle();
    }
    expect(served).toBeGreaterThan(20);
    expect([...refusals]).toEqual(['resource_exhausted']);
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

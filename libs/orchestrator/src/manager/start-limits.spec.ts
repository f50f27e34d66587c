import { describe, expect, it } from '@jest/globals';
import { BadProvider, FakeProvider, SlowProvider } from '@pondpilot/testing';
import { MINUTE, manage, settle, user, watch } from './manager.harness.js';

describe('a user whose start failed', () => {
  it('is refused at once for 1 s, 2 s, and up to 30 s, with the time to wait', async () => {
    const provider = new BadProvider();
    const { manager, clock } = manage(provider);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const error = (await manager.acquire(user(1)).catch((reason: unknown) => reason)) as {
        retryAfterMs: number;
      };
      waits.push(error.retryAfterMs);
      clock.advance(error.retryAfterMs - 1);
      await expect(manager.acquire(user(1))).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('Try again in 1 s'),
        retryAfterMs: 1,
      });
      clock.advance(1);
      expect(provider.launched).toHaveLength(attempt);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('waits from 1 s on again once a start has succeeded', async () => {
    const provider = new FakeProvider();
    const { manager, clock } = manage(provider);
    const attempt = () => manager.acquire(user(1)).catch((error: unknown) => error);
    provider.launchError = new Error('not now');
    await attempt();
    clock.advance(1000);
    await attempt();
    clock.advance(2000);
    provider.launchError = undefined;
    provider.die((await manager.acquire(user(1))).engineId);
    provider.launchError = new Error('not again');
    expect(await attempt()).toMatchObject({ retryAfterMs: 1000 });
  });

  it('does not hold up another', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    provider.launchError = new Error('not now');
    await manager.acquire(user(1)).catch(() => {});
    provider.launchError = undefined;
    await expect(manager.acquire(user(2))).resolves.toBeDefined();
    await expect(manager.acquire(user(1))).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('a provider that starts nothing', () => {
  it('is not hammered by a thousand users', async () => {
    const provider = new BadProvider();
    const { manager, clock, pass } = manage(provider, { maxPerHost: 100, maxQueue: 1000 });
    const requests: Array<{ error?: unknown }> = [];
    for (let second = 0; second < 10 * 60; second += 1) {
      for (let id = 0; id < 5; id += 1) requests.push(watch(manager.acquire(user((second * 5 + id) % 1000))));
      await pass(1000);
    }
    expect(requests.every(({ error }) => (error as { kind: string }).kind === 'unavailable')).toBe(true);
    // Three, then after 1, 2, 4, 8 and 16 s, then each half a minute.
    expect(provider.launched.length).toBeLessThan(30);
    provider.launchError = undefined;
    clock.advance(30_000);
    await expect(manager.acquire(user('last'))).resolves.toBeDefined();
    await expect(manager.acquire(user('other'))).resolves.toBeDefined();
  });

  it('is tried by one start at a time', async () => {
    const provider = new SlowProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 10 });
    provider.launchError = new Error('not now');
    const first = [1, 2, 3].map((id) => watch(manager.acquire(user(id))));
    await settle();
    for (let n = 0; n < 3; n += 1) provider.goOn();
    await settle();
    expect(first.every(({ error }) => error !== undefined)).toBe(true);
    await pass(1000);
    const probe = watch(manager.acquire(user(4)));
    await settle();
    await expect(manager.acquire(user(5))).rejects.toMatchObject({ kind: 'unavailable', retryAfterMs: 1000 });
    provider.launchError = undefined;
    provider.goOn();
    await settle();
    expect(probe.value).toBeDefined();
    const after = watch(manager.acquire(user(5)));
    await settle();
    provider.goOn();
    await settle();
    expect(after.value).toBeDefined();
  });

  it('lets nobody wait in the queue for it', async () => {
    const provider = new SlowProvider();
    const { manager } = manage(provider, { maxPerHost: 3 });
    provider.launchError = new Error('not now');
    const requests = [1, 2, 3, 4, 5].map((id) => watch(manager.acquire(user(id))));
    await settle();
    for (let n = 0; n < 5; n += 1) {
      provider.goOn();
      await settle();
    }
    expect(requests.every(({ error }) => error !== undefined)).toBe(true);
    expect(provider.launched.length).toBeLessThanOrEqual(5);
  });

  it('forgets users who did not try again', async () => {
    const provider = new BadProvider();
    const { manager, clock } = manage(provider);
    await manager.acquire(user(1)).catch(() => {});
    clock.advance(1000);
    await manager.acquire(user(1)).catch(() => {});
    clock.advance(10 * MINUTE);
    await expect(manager.acquire(user(1))).rejects.toMatchObject({ kind: 'unavailable' });
    provider.launchError = undefined;
    clock.advance(4000);
    await expect(manager.acquire(user(1))).resolves.toBeDefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { FakeProvider, NeverProvider, SlowProvider } from '@pondpilot/testing';
import type { EngineLease } from '../orchestrator.js';
import { Queue } from './queue.js';
import { Slot } from './slot.js';
import { KEPT, QUEUE_TIMEOUT, manage, settle, user, watch, type Changes } from './manager.harness.js';

/** A manager whose only place is in use. */
async function full(changes: Changes = {}, provider = new FakeProvider()) {
  const managed = manage(provider, { maxPerHost: 1, ...changes });
  const lease = await managed.manager.acquire(user(1));
  return { ...managed, provider, lease };
}

describe('the queue', () => {
  it('serves users in the order of their coming', async () => {
    const { manager, lease, pass, provider } = await full();
    const order: number[] = [];
    const requests = [2, 3, 4, 5].map(async (id) => {
      const mine = await manager.acquire(user(id));
      order.push(id);
      mine.release();
    });
    lease.release();
    for (let round = 0; round < 5; round += 1) await pass(KEPT);
    await Promise.all(requests);
    expect(order).toEqual([2, 3, 4, 5]);
    expect(provider.peak).toBe(1);
  });

  it('has one place for all requests of a user, and wakes them all', async () => {
    const { manager, lease, pass } = await full();
    const [first, other, again] = [2, 3, 2].map((id) => watch(manager.acquire(user(id))));
    lease.release();
    await pass(KEPT);
    expect(first!.value!.engineId).toBe(again!.value!.engineId);
    first!.value!.release();
    await pass(KEPT);
    expect(other!.value).toBeUndefined();
    again!.value!.release();
    await pass(KEPT);
    expect(other!.value).toBeDefined();
  });

  it('is not passed by who comes in the moment that a place becomes free', async () => {
    const { manager, lease, pass, log, provider } = await full();
    const waiting = watch(manager.acquire(user(2)));
    const late: Array<{ value?: EngineLease }> = [];
    // The stopped engine's line is written right before its place is given away.
    log.info = () => void late.push(watch(manager.acquire(user(3))));
    lease.release();
    await pass(KEPT);
    expect(waiting.value).toBeDefined();
    expect(late.length).toBeGreaterThan(0);
    expect(late.every(({ value }) => value === undefined)).toBe(true);
    expect(provider.peak).toBe(1);
  });

  it('keeps its order also where a place becomes free while it is gone through', async () => {
    const limit = { max: 1, setting: 'containers.max_per_host' };
    const settings = { queueTimeoutMs: QUEUE_TIMEOUT, maxQueue: 10 };
    const queue = new Queue(settings, new ManualClock(), ({ userId }, taken) =>
      userId === user(1).userId || taken.has(limit.setting) ? limit : new Slot('normal', user(2)),
    );
    watch(queue.wait(user(1), undefined));
    const second = watch(queue.wait(user(2), undefined));
    await settle();
    expect(second).toEqual({});
    expect(queue.length).toBe(2);
  });

  it('refuses when the time is over, with the setting and the place, and serves the others', async () => {
    const { manager, lease, pass } = await full();
    const [second, third] = [2, 3].map((id) => watch(manager.acquire(user(id))));
    await pass(QUEUE_TIMEOUT - 1);
    const fourth = watch(manager.acquire(user(4)));
    expect([second, third]).toEqual([{}, {}]);
    await pass(1);
    expect(second!.error).toMatchObject({
      kind: 'resource_exhausted',
      message: expect.stringMatching(/All 1 .*"containers.max_per_host".* 30 s.* number 1 /),
      retryAfterMs: 5000,
    });
    expect(third!.error).toMatchObject({ kind: 'resource_exhausted' });
    lease.release();
    await pass(KEPT);
    expect(fourth.value).toBeDefined();
  });

  it('tells each who is refused their place in the queue at that time', async () => {
    const { manager, clock, pass } = await full();
    watch(manager.acquire(user(2)));
    const first = new AbortController();
    watch(manager.acquire(user(3), first.signal));
    const third = watch(manager.acquire(user(4)));
    first.abort();
    clock.advance(1000);
    watch(manager.acquire(user(2)));
    await pass(QUEUE_TIMEOUT - 1000);
    expect(third.error).toMatchObject({ message: expect.stringContaining('number 2 ') });
  });

  it('refuses at once who would be one too many', async () => {
    const { manager, lease, pass } = await full({ maxQueue: 2 });
    const waiting = [2, 3].map((id) => watch(manager.acquire(user(id))));
    await expect(manager.acquire(user(4))).rejects.toMatchObject({
      kind: 'resource_exhausted',
      message: expect.stringMatching(/"containers.max_per_host".*2 users wait already/),
      retryAfterMs: 5000,
    });
    const more = watch(manager.acquire(user(3)));
    lease.release();
    await pass(KEPT);
    waiting[0]!.value!.release();
    await pass(KEPT);
    expect(more.value).toBeDefined();
  });

  it('refuses nobody for those who wait for another limit', async () => {
    const { manager } = await full({ maxQueue: 1, maxDemo: 0 });
    const demo = watch(manager.acquire(user(1, 'demo')));
    const normal = watch(manager.acquire(user(2)));
    await settle();
    expect([demo, normal]).toEqual([{}, {}]);
    await expect(manager.acquire(user(3))).rejects.toMatchObject({ kind: 'resource_exhausted' });
  });

  it('names the setting that lets nobody wait', async () => {
    const { manager } = await full({ maxQueue: 0 });
    await expect(manager.acquire(user(2))).rejects.toThrow(/containers.queue_size/);
    await expect(manager.acquire(user(1))).resolves.toBeDefined();
  });
});

describe('a place', () => {
  it('of an engine that died goes to the head of the queue at once', async () => {
    const { manager, lease, provider } = await full();
    const waiting = [2, 3].map((id) => watch(manager.acquire(user(id))));
    provider.die(lease.engineId);
    await settle();
    expect(waiting.map(({ value }) => value !== undefined)).toEqual([true, false]);
  });

  it('of a start that failed goes to the next', async () => {
    const provider = new SlowProvider();
    const { manager } = manage(provider, { maxPerHost: 1 });
    const [first, second] = [1, 2].map((id) => watch(manager.acquire(user(id))));
    await settle();
    provider.launchError = new Error('not now');
    provider.goOn();
    await settle();
    provider.launchError = undefined;
    expect(first!.error).toMatchObject({ kind: 'unavailable' });
    provider.goOn();
    await settle();
    expect(second!.value).toBeDefined();
    expect(provider.peak).toBe(1);
  });

  it('of an engine that is stopped as idle goes to the next, when it is gone', async () => {
    const provider = new SlowProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 1, queueTimeoutMs: 3_600_000 });
    const first = watch(manager.acquire(user(1)));
    await settle();
    provider.goOn();
    await settle();
    first.value!.release();
    await pass(6 * 60_000);
    const second = watch(manager.acquire(user(2)));
    await settle();
    expect(provider.waiting.map(({ call }) => call)).toEqual(['stop']);
    provider.goOn();
    await settle();
    provider.goOn();
    await settle();
    expect(second.value).toBeDefined();
    expect(provider.peak).toBe(1);
  });

  it('of a start for which nobody waits any more is free again after its time', async () => {
    const provider = new SlowProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 1 });
    const leaving = new AbortController();
    const first = watch(manager.acquire(user(1), leaving.signal));
    await settle();
    const second = watch(manager.acquire(user(2)));
    leaving.abort();
    await settle();
    expect(first.error).toMatchObject({ kind: 'cancelled' });
    provider.goOn();
    await settle();
    await pass(KEPT);
    expect(provider.waiting.map(({ call }) => call)).toEqual(['stop']);
    provider.goOn();
    await settle();
    provider.goOn();
    await settle();
    expect(second.value).toBeDefined();
  });
});

describe('a client that goes away', () => {
  it('leaves the queue and takes no turn', async () => {
    const { manager, lease, pass, provider } = await full();
    const leaving = new AbortController();
    const gone = watch(manager.acquire(user(2), leaving.signal));
    const next = watch(manager.acquire(user(3)));
    leaving.abort();
    await settle();
    expect(gone.error).toMatchObject({ kind: 'cancelled' });
    lease.release();
    await pass(KEPT);
    expect(next.value).toBeDefined();
    expect(provider.launched).toHaveLength(2);
  });

  it('leaves their other requests their place', async () => {
    const { manager, lease, pass } = await full();
    const leaving = new AbortController();
    watch(manager.acquire(user(2), leaving.signal));
    const third = watch(manager.acquire(user(3)));
    const other = watch(manager.acquire(user(2)));
    leaving.abort();
    lease.release();
    await pass(KEPT);
    expect(other.value).toBeDefined();
    expect(third).toEqual({});
  });

  it('is not let in at all where it had gone before', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    await expect(manager.acquire(user(1), AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
    expect(provider.launched).toEqual([]);
  });

  it('while its engine starts, on a provider where nothing ever ends', async () => {
    const provider = new NeverProvider();
    const { manager } = manage(provider);
    const leaving = new AbortController();
    const request = watch(manager.acquire(user(1), leaving.signal));
    await settle();
    leaving.abort();
    await settle();
    expect(request.error).toMatchObject({ kind: 'cancelled' });
    await manager.shutdown();
    expect(await provider.list()).toEqual([]);
  });
});

describe('draining', () => {
  it('refuses all who wait or come, and leaves leases and starts alone', async () => {
    const provider = new SlowProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 2 });
    const [held, starting] = [1, 2].map((id) => watch(manager.acquire(user(id))));
    await settle();
    provider.goOn();
    await settle();
    const waiting = [3, 4].map((id) => watch(manager.acquire(user(id))));
    manager.drain();
    await settle();
    const refusal = { kind: 'unavailable', message: expect.stringContaining('shutting down') };
    expect(waiting.map(({ error }) => (error as Error).message)).toEqual([
      expect.stringMatching(/shutting down, and you were number 1 of those who wait/),
      expect.stringMatching(/shutting down, and you were number 2 of those who wait/),
    ]);
    await expect(manager.acquire(user(1))).rejects.toMatchObject(refusal);
    expect(await manager.check()).toMatchObject({ usable: false });
    provider.goOn();
    await pass(QUEUE_TIMEOUT);
    expect(starting!.value).toBeDefined();
    expect(held!.value).toBeDefined();
    expect(provider.stopped).toEqual([]);
  });
});

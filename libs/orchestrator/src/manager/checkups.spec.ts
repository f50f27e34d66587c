import { describe, expect, it } from '@jest/globals';
import { EngineState } from '@pondpilot/engine-api';
import { FakeProvider } from '@pondpilot/testing';
import { KEPT, MINUTE, manage, settle, user } from './manager.harness.js';

const ROUND = 15_000;
const PAUSE = 5000;
const lost = { alias: 'shop', attached: false, problem: 'nothing listens there' };

describe('an engine in use', () => {
  it('is asked each quarter of a minute, and each half once it is unused', async () => {
    const { manager, health, pass } = manage(new FakeProvider());
    const lease = await manager.acquire(user(1));
    await settle();
    const before = health.asked.length;
    for (let round = 0; round < 4; round += 1) await pass(ROUND);
    expect(health.asked.length - before).toBe(4);
    lease.release();
    await pass(ROUND);
    const after = health.asked.length;
    for (let round = 0; round < 4; round += 1) await pass(ROUND);
    expect(health.asked).toHaveLength(after + 2);
  });

  it('is stopped after two questions without an answer, and the next request gets a new one', async () => {
    const provider = new FakeProvider();
    const { manager, health, log, pass } = manage(provider);
    const { engineId } = await manager.acquire(user(1));
    await settle();
    health.say(engineId, 'silent');
    await pass(ROUND);
    expect(provider.stopped).toEqual([]);
    await pass(PAUSE);
    expect(provider.stopped).toEqual([{ engineId, reason: 'broken' }]);
    expect(log.fieldsOf('Container broken')).toMatchObject([
      { container_id: engineId, problem: 'It does not answer.' },
    ]);
    expect((await manager.acquire(user(1))).engineId).not.toBe(engineId);
  });

  it('may miss one question', async () => {
    const provider = new FakeProvider();
    const { manager, health, pass } = manage(provider);
    const { engineId } = await manager.acquire(user(1));
    await settle();
    for (let round = 0; round < 3; round += 1) {
      health.say(engineId, 'silent');
      await pass(ROUND);
      health.say(engineId, {});
      await pass(PAUSE);
    }
    await pass(MINUTE);
    expect(provider.stopped).toEqual([]);
  });

  it('is stopped at once where it says that it is broken', async () => {
    const provider = new FakeProvider();
    const { manager, health, pass } = manage(provider);
    const { engineId } = await manager.acquire(user(1));
    health.say(engineId, { state: EngineState.BROKEN });
    await pass(ROUND);
    expect(provider.stopped).toEqual([{ engineId, reason: 'broken' }]);
  });

  it('that hangs without use gives its place to who waits', async () => {
    const provider = new FakeProvider();
    const { manager, health, pass } = manage(provider, { maxPerHost: 1 });
    const lease = await manager.acquire(user(1));
    await settle();
    health.say(lease.engineId, 'silent');
    lease.release();
    const other = manager.acquire(user(2));
    await pass(KEPT);
    await pass(PAUSE);
    expect((await other).engineId).not.toBe(lease.engineId);
  });
});

describe('an open transaction', () => {
  it('counts as use until it ends', async () => {
    const provider = new FakeProvider();
    const { manager, health, pass } = manage(provider);
    const lease = await manager.acquire(user(1));
    lease.release();
    health.say(lease.engineId, { openTransactions: 1 });
    for (let minute = 0; minute < 12; minute += 1) await pass(MINUTE);
    expect(provider.stopped).toEqual([]);
    health.say(lease.engineId, {});
    for (let minute = 0; minute < 6; minute += 1) await pass(MINUTE);
    expect(provider.stopped).toEqual([{ engineId: lease.engineId, reason: 'idle_timeout' }]);
  });
});

describe('an engine that came up without a database', () => {
  const start = async () => {
    const provider = new FakeProvider();
    const managed = manage(provider);
    managed.health.everyone = { databases: [lost, { alias: 'stock', attached: true, problem: '' }] };
    const lease = await managed.manager.acquire(user(1));
    await settle();
    return { ...managed, provider, lease };
  };
  const outdated = { databases: [lost], outdated: true };

  it('is told in the log, once', async () => {
    const { log, lease, pass } = await start();
    await pass(MINUTE);
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        message: 'Database not attached',
        fields: { container_id: lease.engineId, database: 'shop', problem: 'nothing listens there' },
      },
    ]);
  });

  it('is stopped once the database is back and nobody uses it, not before', async () => {
    const { health, lease, pass, provider, manager } = await start();
    health.say(lease.engineId, outdated);
    await pass(MINUTE);
    expect(provider.stopped).toEqual([]);
    lease.release();
    await pass(KEPT - 1);
    expect(provider.stopped).toEqual([]);
    await pass(1);
    expect(provider.stopped).toEqual([{ engineId: lease.engineId, reason: 'database_returned' }]);
    expect((await manager.acquire(user(1))).engineId).not.toBe(lease.engineId);
  });

  it('is asked once for many calls in a row', async () => {
    const { health, lease, manager, pass } = await start();
    const before = health.asked.length;
    lease.release();
    for (let call = 0; call < 100; call += 1) (await manager.acquire(user(1))).release();
    await pass(KEPT);
    expect(health.asked.length - before).toBe(1);
  });

  it('is stopped, too, where the database comes back while nobody uses it', async () => {
    const { health, lease, pass, provider } = await start();
    lease.release();
    await pass(MINUTE);
    health.say(lease.engineId, outdated);
    await pass(ROUND);
    expect(provider.stopped).toMatchObject([{ reason: 'database_returned' }]);
  });

  it('is left alone with an open transaction', async () => {
    const { health, lease, pass, provider } = await start();
    health.say(lease.engineId, { ...outdated, openTransactions: 1 });
    lease.release();
    for (let minute = 0; minute < 10; minute += 1) await pass(MINUTE);
    expect(provider.stopped).toEqual([]);
  });
});

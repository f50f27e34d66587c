import { describe, expect, it } from '@jest/globals';
import { RecordedLog, SlowProvider } from '@pondpilot/testing';
import { manage, settle, user, watch } from './manager.harness.js';

const awaited = (log: RecordedLog) =>
  log.lines.filter(({ message }) => message === 'Container awaited').map(({ fields }) => fields);

describe('a request that waits', () => {
  it('is told of in the log after a second and then every ten, once for all of its user', async () => {
    const provider = new SlowProvider();
    const { manager, pass, log } = manage(provider);
    for (let count = 0; count < 5; count++) watch(manager.acquire(user(1)));
    await pass(999);
    expect(awaited(log)).toEqual([]);
    await pass(1);
    const first = { user_id: 'user 1', step: 'waiting_for_room', waited_ms: '1000' };
    expect(awaited(log)).toEqual([first]);
    await pass(10_000);
    expect(awaited(log)).toEqual([first, { ...first, waited_ms: '11000' }]);
    provider.goOn();
    await settle();
    await pass(60_000);
    expect(awaited(log)).toHaveLength(2);
  });

  it('is told its place in the queue', async () => {
    const provider = new SlowProvider();
    const { manager, pass, log } = manage(provider, { maxPerHost: 1 });
    watch(manager.acquire(user(1)));
    for (const id of [2, 3, 4]) watch(manager.acquire(user(id)));
    expect(manager.waitOf(user(3))).toEqual({ step: 'queued', place: 2 });
    expect(manager.statistics().waiting).toEqual({ waiting_for_room: 1, queued: 3 });
    await pass(1000);
    expect(awaited(log).map(({ user_id, step, place }) => [user_id, step, place])).toEqual([
      ['user 1', 'waiting_for_room', undefined],
      ['user 2', 'queued', '1'],
      ['user 3', 'queued', '2'],
      ['user 4', 'queued', '3'],
    ]);
  });

  it('is told what its engine is at', async () => {
    const provider = new SlowProvider();
    let tell = (_step: 'creating' | 'booting' | 'attaching') => {};
    const launch = provider.launch.bind(provider);
    provider.launch = (spec, onStep) => {
      tell = onStep!;
      return launch(spec);
    };
    const { manager } = manage(provider, { claim: () => new Promise(() => {}) });
    expect(manager.waitOf(user(1))).toBeUndefined();
    watch(manager.acquire(user(1)));
    await settle();
    for (const step of ['creating', 'booting', 'attaching'] as const) {
      tell(step);
      expect(manager.waitOf(user(1))).toEqual({ step });
    }
    provider.goOn();
    await settle();
    expect(manager.waitOf(user(1))).toEqual({ step: 'claiming' });
  });

  it('waits for nothing once it has its engine', async () => {
    const { manager } = manage(new SlowProvider());
    expect(manager.waitOf(user(1))).toBeUndefined();
  });
});

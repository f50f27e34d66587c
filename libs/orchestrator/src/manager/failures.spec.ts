import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@pondpilot/kernel';
import { FakeProvider, RecordedLog, SlowProvider } from '@pondpilot/testing';
import { KEPT, manage, settle, watch } from './manager.harness.js';

const ada = { userId: 'ada', profile: 'normal' } as const;

describe('a start that fails', () => {
  it('refuses all that wait, without its reason, which the log has', async () => {
    const provider = new SlowProvider();
    const log = new RecordedLog();
    const { manager } = manage(provider, { log });
    provider.launchError = new DomainError('unavailable', 'No engine.', {
      cause: new Error('exit code 3,\nsay'),
    });
    const requests = Array.from({ length: 5 }, () => manager.acquire(ada).catch((error: unknown) => error));
    await settle();
    provider.goOn();
    for (const error of await Promise.all(requests)) {
      expect(error).toBeInstanceOf(DomainError);
      expect(error).toMatchObject({ kind: 'unavailable' });
      expect((error as Error).message).not.toMatch(/exit code/);
    }
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'Container spawn failed',
        fields: { user_id: 'ada', error: 'exit code 3, say' },
      },
    ]);
    expect(manager.statistics().lastFailure).toBe('exit code 3, say');
  });

  it('says what it was at and how long it took', async () => {
    const provider = new SlowProvider();
    const launch = provider.launch.bind(provider);
    provider.launch = (spec, onStep) => {
      onStep!('attaching');
      return launch(spec);
    };
    const { manager, pass } = manage(provider);
    const [first, second] = [ada, ada].map((owner) => watch(manager.acquire(owner)));
    await pass(30_000);
    provider.launchError = new Error('not now');
    provider.goOn();
    await settle();
    const message = expect.stringContaining(
      'failed after 30 s, while your engine was attaching its databases.',
    );
    expect([first!.error, second!.error]).toMatchObject([{ message }, { message }]);
    // Who comes while it is held back has waited for nothing.
    const next = manager.acquire(ada);
    await expect(next).rejects.toThrow(/could not be started\. Try again in 1 s/);
  });

  it('is tried again by the next request after its time', async () => {
    const provider = new FakeProvider();
    const { manager, clock } = manage(provider);
    provider.launchError = new Error('not now');
    await expect(manager.acquire(ada)).rejects.toMatchObject({ kind: 'unavailable' });
    provider.launchError = undefined;
    clock.advance(1000);
    await manager.acquire(ada);
    expect(manager.statistics()).toMatchObject({
      active: 1,
      totalSpawned: 1,
      totalStopped: 0,
      lastFailure: undefined,
    });
  });

  it('takes no place: failures in a row never fill the host', async () => {
    const provider = new FakeProvider();
    const { manager, clock } = manage(provider, { maxPerHost: 2 });
    provider.launchError = new Error('not now');
    for (let round = 0; round < 5; round += 1) {
      await expect(manager.acquire(ada)).rejects.toMatchObject({ kind: 'unavailable' });
      clock.advance(30_000);
    }
    expect(provider.launched).toHaveLength(5);
  });

  it('stops an engine that refuses its owner, before the request is refused', async () => {
    const provider = new FakeProvider();
    const log = new RecordedLog();
    const claim = () => Promise.reject(new Error('the claim was refused'));
    const { manager } = manage(provider, { log, claim });
    await expect(manager.acquire(ada)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await provider.list()).toEqual([]);
    expect(provider.stopped).toMatchObject([{ reason: 'spawn_failed' }]);
    expect(log.lines.map(({ message }) => message)).toEqual(['Container spawn failed']);
  });
});

describe('shutdown', () => {
  it('stops all engines, closes the provider and refuses new requests', async () => {
    const provider = new FakeProvider();
    const log = new RecordedLog();
    const { manager } = manage(provider, { log });
    await manager.acquire(ada);
    await manager.acquire({ ...ada, userId: 'bob' });
    await Promise.all([manager.shutdown(), manager.shutdown()]);
    expect(provider.stopped.map(({ reason }) => reason)).toEqual(['shutdown', 'shutdown']);
    expect(log.fieldsOf('Container stopped').map(({ user_id }) => user_id)).toEqual(['ada', 'bob']);
    expect(provider.closed).toBe(true);
    await expect(manager.acquire(ada)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await manager.check()).toMatchObject({ usable: false });
  });

  it('ends a launch under way and leaves no engine of it', async () => {
    const provider = new SlowProvider();
    const log = new RecordedLog();
    const { manager } = manage(provider, { log });
    const request = manager.acquire(ada).catch((error: unknown) => error);
    await settle();
    await manager.shutdown();
    expect(await request).toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/shutting down, and your engine was waiting for another one to end\. /),
    });
    expect(await provider.list()).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it('launches nothing for a request that still waits for another engine to end', async () => {
    const provider = new SlowProvider();
    const { manager, pass } = manage(provider, { maxPerHost: 1 });
    const first = manager.acquire(ada);
    await settle();
    provider.goOn();
    (await first).release();
    const request = manager.acquire({ ...ada, userId: 'bob' }).catch((error: unknown) => error);
    await pass(KEPT);
    expect(provider.waiting.map(({ call }) => call)).toEqual(['stop']);
    const ended = manager.shutdown();
    provider.goOn();
    await ended;
    expect(await request).toMatchObject({ kind: 'unavailable' });
    expect(provider.launched).toHaveLength(1);
  });

  it('does not wait for an engine that does not answer its claim', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider, { claim: () => new Promise(() => {}) });
    const request = manager.acquire(ada).catch((error: unknown) => error);
    await settle();
    await manager.shutdown();
    expect(await request).toMatchObject({ kind: 'unavailable' });
    expect(await provider.list()).toEqual([]);
  });
});

describe('check', () => {
  it("tells the provider's name and what it says of itself", async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    expect(await manager.check()).toEqual({ provider: 'fake', usable: true });
    provider.launchError = new Error('the library is missing');
    expect(await manager.check()).toEqual({
      provider: 'fake',
      usable: false,
      problem: 'the library is missing',
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { FakeProvider } from '@pondpilot/testing';
import { manage, settle, user, watch } from './manager.harness.js';

describe('the reason of an end', () => {
  it.each([
    ['out_of_memory', 'signal SIGKILL', /^It ran out of its memory\. .*"containers\.memory_limit"\.$/],
    ['out_of_time', 'exit code 70', /^A statement could not be stopped .*"limits\.statement_time".*\.$/],
    [
      'crashed',
      'signal SIGSEGV',
      /^It crashed \(signal SIGSEGV\), .*nesting, .*"containers\.memory_limit"\)\.$/,
    ],
    ['killed', 'signal SIGKILL', /^It was killed from outside \(signal SIGKILL\)\.$/],
    ['exited', 'exit code 1', /^It ended by itself, which is a fault of the engine \(exit code 1\)\.$/],
    ['vanished', 'its container is gone', /^It is gone, and nobody knows how\.$/],
  ] as const)('is told for an engine that has ended: %s', async (cause, detail, expected) => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    const { engineId } = await manager.acquire(user(1));
    provider.die(engineId, { cause, detail });
    expect(await manager.reasonOfEnd(engineId)).toMatch(expected);
  });

  it('may come after the question', async () => {
    const provider = new FakeProvider();
    const { manager } = manage(provider);
    const { engineId } = await manager.acquire(user(1));
    const asked = [watch(manager.reasonOfEnd(engineId)), watch(manager.reasonOfEnd(engineId))];
    await settle();
    expect(asked).toEqual([{}, {}]);
    provider.die(engineId);
    await settle();
    expect(asked.map(({ value }) => value)).toEqual(
      Array(2).fill('It was killed from outside (signal SIGKILL).'),
    );
  });

  it('is not waited for without end', async () => {
    const { manager, pass } = manage(new FakeProvider());
    const { engineId } = await manager.acquire(user(1));
    const reason = manager.reasonOfEnd(engineId);
    await pass(1000);
    expect(await reason).toBeUndefined();
  });

  it('is told of engines that the proxy ends itself', async () => {
    const { manager } = manage(new FakeProvider());
    const { engineId } = await manager.acquire(user(1));
    await manager.shutdown();
    expect(await manager.reasonOfEnd(engineId)).toBe('The server is shutting down.');
  });
});

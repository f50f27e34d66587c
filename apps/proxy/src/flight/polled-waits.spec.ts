import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { WatchedEngine, WatchedOrchestrator, deferred, until } from '../proxy.harness.js';
import { KEPT_MS, PolledWaits } from './polled-waits.js';

const ada = { userId: 'ada', profile: 'normal' } as const;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const { signal } = new AbortController();

function setUp() {
  const orchestrator = new WatchedOrchestrator(new WatchedEngine());
  const engine = deferred();
  orchestrator.gate = engine.promise;
  const clock = new ManualClock();
  return { orchestrator, engine, clock, waits: new PolledWaits(orchestrator, clock) };
}

type Parts = ReturnType<typeof setUp>;

/** A poll over connection 1 that is answered after half a second. */
async function poll({ waits, clock }: Parts, connectionId = 1): Promise<boolean> {
  const wait = waits.enter(connectionId, ada);
  const ready = wait.within(500, signal);
  await settle();
  clock.advance(500);
  const answer = await ready;
  if (!answer) wait.keep();
  wait.leave();
  return answer;
}

describe('the wait of one who polls', () => {
  it('goes on between polls that come in time, as one', async () => {
    const parts = setUp();
    for (let count = 0; count < 5; count += 1) {
      expect(await poll(parts)).toBe(false);
      parts.clock.advance(KEPT_MS - 1);
    }
    expect(parts.orchestrator.owners).toEqual([ada]);
    expect(parts.orchestrator.signal!.aborted).toBe(false);
  });

  it('ends where no further poll comes', async () => {
    const parts = setUp();
    await poll(parts);
    const first = parts.orchestrator.signal!;
    parts.clock.advance(KEPT_MS);
    expect(first.aborted).toBe(true);
    await poll(parts);
    expect(parts.orchestrator.owners).toEqual([ada, ada]);
  });

  it('ends with its connection, and not with another', async () => {
    const parts = setUp();
    await poll(parts);
    const first = parts.orchestrator.signal!;
    await poll(parts, 2);
    parts.waits.closed(2);
    expect([first.aborted, parts.orchestrator.signal!.aborted]).toEqual([false, true]);
    parts.waits.closed(1);
    expect(first.aborted).toBe(true);
  });

  it('does not end with one poll while there is another', async () => {
    const parts = setUp();
    const [one, other] = [parts.waits.enter(1, ada), parts.waits.enter(1, ada)];
    one.leave();
    expect(parts.orchestrator.signal!.aborted).toBe(false);
    other.leave();
    expect(parts.orchestrator.signal!.aborted).toBe(true);
  });

  it('keeps an engine that becomes ready between polls for the next one, and not for ever', async () => {
    const parts = setUp();
    const { orchestrator, engine, clock } = parts;
    await poll(parts);
    engine.resolve();
    await until(() => orchestrator.held === 1);
    clock.advance(KEPT_MS - 1);
    expect(await poll(parts)).toBe(true);
    await poll(parts);
    expect(orchestrator.held).toBe(0);
  });

  it('gives back an engine that nobody fetches', async () => {
    const parts = setUp();
    const { orchestrator, engine, clock } = parts;
    await poll(parts);
    engine.resolve();
    await until(() => orchestrator.held === 1);
    clock.advance(KEPT_MS);
    expect(orchestrator.held).toBe(0);
  });

  it('asks anew for an engine that it has held: it may be gone by now', async () => {
    const parts = setUp();
    const { orchestrator, engine } = parts;
    await poll(parts);
    engine.resolve();
    await until(() => orchestrator.held === 1);
    orchestrator.gate = new Promise(() => {});
    expect(await poll(parts)).toBe(false);
    expect(orchestrator.held).toBe(0);
  });

  it('releases an engine that comes after its end', async () => {
    const parts = setUp();
    await poll(parts);
    parts.waits.closed(1);
    parts.engine.resolve();
    await settle();
    expect(parts.orchestrator.held).toBe(0);
  });
});

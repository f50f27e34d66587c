/** What the manager's specs share: a manager on a provider in memory, with a clock that stands still. */
import { ManualClock } from '@pondpilot/kernel';
import { FakeHealth, RecordedLog, smallSpec } from '@pondpilot/testing';
import type { Owner } from '../orchestrator.js';
import type { EngineProvider } from '../provider.js';
import type { ClaimEngine, TellClosed } from './control.js';
import { EngineManager } from './engine-manager.js';
import type { ManagerOptions } from './options.js';

export const MINUTE = 60_000;
/** How long an engine is kept for its user after its last use. */
export const KEPT = 2000;
export const QUEUE_TIMEOUT = 30_000;

const spec = { ...smallSpec, memoryBytes: 1, cpus: 1 };

/** What a deployment's key does, so that a test can do it too. */
export const sealOwner = (engineId: string, owner: string) =>
  `sealed ${engineId} ${owner.replaceAll('\n', ' ')}`;

const defaults: ManagerOptions = {
  profiles: {
    normal: { spec, idleTimeoutMs: 5 * MINUTE },
    demo: { spec: { ...spec, memoryBytes: 2, fingerprint: 'demo' }, idleTimeoutMs: MINUTE, maxEngines: 2 },
  },
  maxPerHost: 3,
  queueTimeoutMs: QUEUE_TIMEOUT,
  maxQueue: 100,
  claimTimeoutMs: 1000,
  sealOwner,
};

export interface Changes extends Partial<ManagerOptions> {
  readonly maxDemo?: number;
  /** Spare engines, by profile. */
  readonly spares?: Partial<Record<Owner['profile'], number>>;
  readonly claim?: ClaimEngine;
  readonly tell?: TellClosed;
  readonly log?: RecordedLog;
}

export function manage(provider: EngineProvider, changes: Changes = {}) {
  const nothing = async () => {};
  const {
    maxDemo = 2,
    claim = nothing,
    tell = nothing,
    log = new RecordedLog(),
    spares,
    ...changed
  } = changes;
  const clock = new ManualClock(1_000_000);
  const health = new FakeHealth();
  const { normal, demo } = defaults.profiles;
  const profiles = {
    normal: { ...normal, spares: spares?.normal ?? 0 },
    demo: { ...demo, maxEngines: maxDemo, spares: spares?.demo ?? 0 },
  };
  const options = { ...defaults, profiles, ...changed };
  const manager = new EngineManager(provider, options, { log, clock, claim, tell, health: health.ask });
  /** Moves time on, and lets everything follow from it. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  return { manager, clock, health, log, pass };
}

export function user(id: string | number, profile: Owner['profile'] = 'normal'): Owner {
  return { userId: `user ${id}`, profile };
}

/** Lets everything go on that waits for nothing but its turn. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** How a request ended so far: its lease's engine, its error, or `undefined` while it waits. */
export function watch<T>(request: Promise<T>): { value?: T; error?: unknown } {
  const outcome: { value?: T; error?: unknown } = {};
  request.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

/** Numbers from 0 to 1 that are the same for the same seed (a linear congruential generator). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

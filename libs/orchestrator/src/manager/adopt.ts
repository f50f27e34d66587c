import { EngineState, type EngineHealth } from '@pondpilot/engine-api';
import type { EngineProvider, LeftEngine } from '../provider.js';
import type { AskHealth } from './control.js';
import { fieldsOf, type EngineLog } from './engine-log.js';
import { reasonOf } from './failures.js';
import type { ManagerOptions } from './options.js';
import type { Places } from './places.js';
import type { Pool } from './pool.js';
import { ownerOf, Slot } from './slot.js';

/** How long an engine that an earlier proxy left may take to say how it is. */
const ANSWER_MS = 5000;

export interface AdoptParts {
  readonly provider: EngineProvider;
  readonly options: ManagerOptions;
  readonly health: AskHealth;
  readonly log: EngineLog;
  readonly places: Places;
  readonly pool: Pool;
  /** Milliseconds of the manager's clock. */
  readonly now: () => number;
}

/**
 * Takes over the engines that an earlier proxy of this deployment left: users keep theirs, and what they have in them.
 * Those that are no good, or one too many, are stopped. Resolves with those that are some user's, and rejects where the
 * provider can't tell.
 */
export async function adoptEngines(parts: AdoptParts): Promise<Slot[]> {
  const left = (await parts.provider.adoption?.find()) ?? [];
  const slots = await Promise.all(left.map((engine) => adopt(engine, parts)));
  return slots.filter((slot) => slot !== undefined);
}

async function adopt(engine: LeftEngine, parts: AdoptParts): Promise<Slot | undefined> {
  const health = await parts.health(engine, ANSWER_MS).catch(() => undefined);
  const slot = health && slotFor(engine, health, parts);
  if (!slot) {
    void stopOrphan(engine, parts);
    return undefined;
  }
  slot.engine = engine;
  slot.state = slot.spare ? 'spare' : 'ready';
  if (slot.spare) slot.launched = Promise.resolve();
  slot.unusedSince = parts.now();
  parts.places.enterRunning(slot);
  if (slot.spare) return undefined;
  slot.spawned = true;
  parts.log.info('Container adopted', fieldsOf(slot));
  return slot;
}

/** Undefined for an engine that nobody can use. */
function slotFor(
  { fingerprint }: LeftEngine,
  { state, owner: key }: EngineHealth,
  { options, places, pool }: AdoptParts,
): Slot | undefined {
  if (state === EngineState.UNCLAIMED) {
    const profile = (['normal', 'demo'] as const).find(
      (name) => options.profiles[name].spec.fingerprint === fingerprint && pool.wants(name),
    );
    return profile && new Slot(profile);
  }
  const owner = state === EngineState.SERVING ? ownerOf(key) : undefined;
  if (!owner || places.current.has(key)) return undefined;
  const slot = new Slot(owner.profile, owner);
  slot.outdated = options.profiles[owner.profile].spec.fingerprint !== fingerprint;
  return slot;
}

async function stopOrphan({ id }: LeftEngine, { provider, log }: AdoptParts): Promise<void> {
  const fields = { container_id: id };
  try {
    await provider.stop(id, 'orphaned');
    log.info('Container stopped', { ...fields, reason: 'orphaned' });
  } catch (error) {
    log.warn('Container stop failed', { ...fields, error: reasonOf(error) });
  }
}

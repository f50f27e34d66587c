import { EngineState, type EngineHealth } from '@pondpilot/engine-api';
import type { EngineProvider, LeftEngine } from '../provider.js';
import type { AskHealth } from './control.js';
import { fieldsOf, type EngineLog } from './engine-log.js';
import type { ManagerOptions } from './options.js';
import type { Places } from './places.js';
import { ownerIn, Slot, slotKey } from './slot.js';
import type { Stops } from './stops.js';

/** How long an engine that an earlier proxy left may take to say how it is. */
const ANSWER_MS = 10_000;

export interface AdoptParts {
  readonly provider: EngineProvider;
  readonly options: ManagerOptions;
  readonly health: AskHealth;
  readonly log: EngineLog;
  readonly places: Places;
  readonly stops: Stops;
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
    stopOrphan(engine, parts);
    return undefined;
  }
  slot.engine = engine;
  slot.state = 'ready';
  slot.unusedSince = parts.now();
  parts.places.enterRunning(slot);
  slot.spawned = true;
  parts.log.info('Container adopted', fieldsOf(slot));
  return slot;
}

/** Undefined for an engine that nobody can use. */
function slotFor(
  { id, fingerprint }: LeftEngine,
  { state, owner: key }: EngineHealth,
  { options, places }: AdoptParts,
): Slot | undefined {
  // One that is nobody's may have been somebody's, and lie: it is replaced, not adopted.
  const owner = state === EngineState.SERVING ? ownerIn(id, key, options.sealOwner) : undefined;
  if (!owner || places.current.has(slotKey(owner))) return undefined;
  const slot = new Slot(owner.profile, owner);
  slot.outdated = options.profiles[owner.profile].spec.fingerprint !== fingerprint;
  return slot;
}

/** It has a place until nothing of it is left. */
function stopOrphan(engine: LeftEngine, { places, stops }: AdoptParts): void {
  const slot = new Slot('normal');
  slot.engine = engine;
  places.enterRunning(slot);
  stops.end(slot, 'orphaned');
}

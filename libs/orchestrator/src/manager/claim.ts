import { EngineControlClient } from '@pondpilot/engine-api';
import type { RunningEngine } from '../provider.js';

/** Binds an engine to its owner, for good. Rejects where the engine does not accept within the time. */
export type ClaimEngine = (
  engine: RunningEngine,
  owner: string,
  callSecret: string,
  timeoutMs: number,
) => Promise<void>;

/** The claim by the engine's own control service. */
export const claimEngine: ClaimEngine = async (engine, owner, callSecret, timeoutMs) => {
  const control = new EngineControlClient(`${engine.host}:${engine.controlPort}`, engine.controlSecret);
  try {
    await control.claim(owner, callSecret, timeoutMs);
  } finally {
    control.close();
  }
};

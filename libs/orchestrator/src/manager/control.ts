import { EngineControlClient, type EngineHealth } from '@pondpilot/engine-api';
import type { RunningEngine } from '../provider.js';

/** Binds an engine to its owner, for good. Rejects where the engine does not accept within the time. */
export type ClaimEngine = (engine: RunningEngine, owner: string, timeoutMs: number) => Promise<void>;

/** What an engine says of itself. Rejects where it does not answer within the time. */
export type AskHealth = (engine: RunningEngine, timeoutMs: number) => Promise<EngineHealth>;

/** Tells an engine that a client connection is gone. Rejects where it does not answer within the time. */
export type TellClosed = (engine: RunningEngine, connectionId: string, timeoutMs: number) => Promise<void>;

/** The claim by the engine's own control service. */
export const claimEngine: ClaimEngine = (engine, owner, timeoutMs) =>
  controlOf(engine).claim(owner, engine.callSecret, timeoutMs);

/** The health by the engine's own control service. */
export const askHealth: AskHealth = (engine, timeoutMs) => controlOf(engine).health(timeoutMs);

/** The news by the engine's own control service. */
export const tellClosed: TellClosed = (engine, connectionId, timeoutMs) =>
  controlOf(engine).connectionClosed(connectionId, timeoutMs);

/** One connection for each engine: making it costs more than what goes over it. */
const controls = new WeakMap<RunningEngine, EngineControlClient>();

function controlOf(engine: RunningEngine): EngineControlClient {
  const known = controls.get(engine);
  if (known) return known;
  const control = new EngineControlClient(`${engine.host}:${engine.controlPort}`, engine.controlSecret);
  controls.set(engine, control);
  return control;
}

/** Ends the connection to an engine that is gone. */
export function forgetControl(engine: RunningEngine): void {
  controls.get(engine)?.close();
  controls.delete(engine);
}

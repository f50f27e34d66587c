import { EngineControlClient, type EngineHealth } from '@pondpilot/engine-api';
import type { RunningEngine } from '../provider.js';

/** Binds an engine to its owner, for good. Rejects where the engine does not accept within the time. */
export type ClaimEngine = (
  engine: RunningEngine,
  owner: string,
  callSecret: string,
  timeoutMs: number,
) => Promise<void>;

/** What an engine says of itself. Rejects where it does not answer within the time. */
export type AskHealth = (engine: RunningEngine, timeoutMs: number) => Promise<EngineHealth>;

/** The claim by the engine's own control service. */
export const claimEngine: ClaimEngine = (engine, owner, callSecret, timeoutMs) =>
  onControl(engine, (control) => control.claim(owner, callSecret, timeoutMs));

/** The health by the engine's own control service. */
export const askHealth: AskHealth = (engine, timeoutMs) =>
  onControl(engine, (control) => control.health(timeoutMs));

/** Tells an engine that a client connection is gone. Rejects where it does not answer within the time. */
export type TellClosed = (engine: RunningEngine, connectionId: string, timeoutMs: number) => Promise<void>;

/** The news by the engine's own control service. */
export const tellClosed: TellClosed = (engine, connectionId, timeoutMs) =>
  onControl(engine, (control) => control.connectionClosed(connectionId, timeoutMs));

async function onControl<T>(
  engine: RunningEngine,
  work: (control: EngineControlClient) => Promise<T>,
): Promise<T> {
  const control = new EngineControlClient(`${engine.host}:${engine.controlPort}`, engine.controlSecret);
  try {
    return await work(control);
  } finally {
    control.close();
  }
}

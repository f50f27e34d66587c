import type { EngineProfile } from '../orchestrator.js';
import type { LaunchSpec } from '../provider.js';

/** The setting behind the limit that all engines share. */
export const HOST_LIMIT = 'containers.max_per_host';

/** What engines of one profile are like. */
export interface ProfileOptions {
  readonly spec: LaunchSpec;
  /** An engine without a lease for this long is stopped by the next minute's check. */
  readonly idleTimeoutMs: number;
  /** At most so many engines of this profile at once, within `maxPerHost`. */
  readonly maxEngines?: number;
  /** So many are kept running for users to come, where there is room; by default none. */
  readonly spares?: number;
}

export interface ManagerOptions {
  readonly profiles: Readonly<Record<EngineProfile, ProfileOptions>>;
  /** At most so many engines of all profiles at once, those that start or stop included. */
  readonly maxPerHost: number;
  /** How long a request waits for room before it is refused. */
  readonly queueTimeoutMs: number;
  /** At most so many users wait for room at once; with 0 nobody does. */
  readonly maxQueue: number;
  /** How long an engine that answers may take to accept its owner. */
  readonly claimTimeoutMs: number;
  /**
   * Proves to a later proxy that this owner was given to this engine: a text that only this deployment can make. An engine
   * that has been subverted must not get another user's requests by saying that it is theirs.
   */
  readonly sealOwner: (engineId: string, owner: string) => string;
}

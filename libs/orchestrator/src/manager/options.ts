import type { EngineProfile } from '../orchestrator.js';
import type { LaunchSpec } from '../provider.js';

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
}

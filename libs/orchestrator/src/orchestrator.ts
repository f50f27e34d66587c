import type { LaunchStep, ProviderCheck } from './provider.js';

/** Whose engine is wanted. */
export interface Owner {
  /** The token's `sub`, any text. */
  readonly userId: string;
  /** Which kind of engine: its databases, size and idle time-out. Demo tokens get `demo`. */
  readonly profile: EngineProfile;
}

export type EngineProfile = 'normal' | 'demo';

/** A user's engine, held. It is in use, and will not be stopped as idle, until `release` is called. */
export interface EngineLease {
  readonly engineId: string;
  readonly host: string;
  readonly port: number;
  /** What each call to the engine carries in the header `x-pondpilot-call`. */
  readonly callSecret: string;
  /** Gives the engine back. Calling it again does nothing. */
  release(): void;
}

/** What a request for an engine waits for. */
export type WaitStep = 'queued' | 'waiting_for_room' | LaunchStep | 'claiming';

export interface Waiting {
  readonly step: WaitStep;
  /** While `queued`: the place among those who wait, from 1. */
  readonly place?: number;
}

export interface OrchestratorStatistics {
  /** Engines that run now and are somebody's. */
  readonly active: number;
  /** Engines that run for users to come. */
  readonly spare: number;
  /** What users without an engine wait for: how many at each step. */
  readonly waiting: Readonly<Partial<Record<WaitStep, number>>>;
  readonly totalSpawned: number;
  readonly totalStopped: number;
  /** Why the last start failed; undefined once one succeeds. */
  readonly lastFailure: string | undefined;
}

/** Gives each user one engine. The port that the rest of the proxy knows. */
export abstract class Orchestrator {
  /**
   * The engine of this user, started where there is none. Concurrent calls of one user share one start, and one place
   * in the queue where there is no room. `signal` says that nobody waits for it any more.
   * Throws `unavailable` (not startable), `resource_exhausted` (no room in time) or `cancelled` (by the signal).
   */
  abstract acquire(owner: Owner, signal?: AbortSignal): Promise<EngineLease>;
  /**
   * Tells an engine that a client connection, over which calls went to it, is gone. No use of the engine: it is neither
   * started nor held. Nobody hears of a failure; an engine that is gone has nothing to forget.
   */
  abstract connectionClosed(engineId: string, connectionId: string): void;
  /**
   * Why an engine has ended, in whole sentences for its user; undefined where that is not known within a moment. The end of
   * a connection may be seen before the provider tells of the end of the engine.
   */
  abstract reasonOfEnd(engineId: string): Promise<string | undefined>;
  /** What this user's requests wait for; undefined where they would not wait, or nobody has asked. */
  abstract waitOf(owner: Owner): Waiting | undefined;
  abstract statistics(): OrchestratorStatistics;
  /** Name of the provider in use, and whether it could start an engine now. */
  abstract check(): Promise<ProviderCheck & { readonly provider: string }>;
}

import type { AttachedDatabase } from '@pondpilot/engine-api';

/** How engines are reached by the proxy, and kept apart from each other. */
export interface EngineNetworks {
  /** Finds or makes what all engines share. Throws where that can't be had, and says what to do. */
  prepare(): Promise<void>;
  /** What is less than it could be, or will not work; one line. */
  notice(): Promise<string | undefined>;
  /** The network for a new engine with these databases. */
  enter(engineId: string, databases: readonly AttachedDatabase[]): Promise<string>;
  /** Makes an engine that an earlier proxy started reachable for this one. */
  join(engineId: string): Promise<void>;
  /** Puts back what engines have lost of their databases, where that was not looked into a moment ago. Never throws. */
  mend(): Promise<void>;
  /** Removes what belongs to this engine alone. */
  remove(engineId: string): Promise<void>;
  /** Ids of the engines of which a network is there. */
  engineIds(): Promise<string[]>;
  /** Leaves the networks of engines that go on without this proxy. */
  detach(): Promise<void>;
  /** Removes what no engine needs any more. */
  close(): Promise<void>;
}

import type { EngineLaunch, EngineStep } from '@pondpilot/engine-api';

/** What a provider needs to know of an engine that it shall start. */
export type LaunchSpec = Pick<
  EngineLaunch,
  'databases' | 'extensions' | 'limits' | 'memoryBytes' | 'spillBytes' | 'cpus' | 'resultCompression'
> & {
  /**
   * The same for engines that are alike in all of this, another else; safe to show. The next proxy knows by it which
   * engines are as its own configuration wants them.
   */
  readonly fingerprint: string;
  /** How long an engine that outlives the proxy waits for the next one; milliseconds. */
  readonly outliveMs: number;
};

/** What a launch is at: making the place for an engine, starting its program, attaching its databases. */
export type LaunchStep = 'creating' | 'booting' | EngineStep;

/** Why an engine was stopped; stands in the log as `reason`. */
export type StopReason =
  | 'idle_timeout'
  | 'shutdown'
  | 'spawn_failed'
  /** It does not answer, or says that it can't be trusted. */
  | 'broken'
  /** For another user, at the limit. */
  | 'make_room'
  /** A database that was down when it started is back: a new engine has it. */
  | 'database_returned'
  /** Left by an earlier proxy, and of no use to this one. */
  | 'orphaned'
  /** Left by an earlier proxy with another configuration, and not in use any more. */
  | 'outdated';

/** An engine that answers on both of its ports, not yet claimed. */
export interface RunningEngine {
  /** Unique among all engines of this provider; logged as `container_id`. Says nothing about the user. */
  readonly id: string;
  readonly host: string;
  /** Flight SQL. */
  readonly port: number;
  /** EngineControl. */
  readonly controlPort: number;
  /** What each control call carries. */
  readonly controlSecret: string;
  /** What each call on the data port carries, once the engine is claimed with it. */
  readonly callSecret: string;
}

/** An engine that an earlier proxy started. */
export interface LeftEngine extends RunningEngine {
  /** Of the spec that it was launched with. */
  readonly fingerprint: string;
}

/** Of a provider whose engines outlive the proxy. */
export interface Adoption {
  /** The engines of this deployment that run now and that this provider did not launch itself. */
  find(): Promise<LeftEngine[]>;
  /** Frees everything but the engines, which wait for the next proxy. */
  detach(): Promise<void>;
}

/** How an engine ended that nobody stopped. */
export interface EngineDeath {
  readonly engineId: string;
  readonly cause:
    | 'exited'
    /** By somebody else's signal. */
    | 'killed'
    | 'out_of_memory'
    /** A statement went on after its time. */
    | 'out_of_time'
    /** It brought a signal upon itself, or its DuckDB could not be trusted any more. */
    | 'crashed'
    | 'vanished';
  /** For the log and the client: e.g. `exit code 1`, `signal SIGKILL`. */
  readonly detail: string;
}

export interface ProviderCheck {
  readonly usable: boolean;
  /** Where it is not usable: why, and what to do. Where it is: what will not work, e.g. an unreadable database. One line. */
  readonly problem?: string;
  /** The configuration is wrong: nothing but another one helps. */
  readonly permanent?: true;
}

/**
 * Where engines run. Every provider passes `provider.contract.ts`.
 *
 * Before a start an engine's id means nothing to the provider; during it the engine is counted by `list()` as soon as
 * anything of it exists; afterwards until it has ended entirely. A failed `launch` leaves nothing behind.
 */
export interface EngineProvider {
  /** `process`, `docker`, … as in the configuration. */
  readonly name: string;
  /** What holds engines back, for the log and the health; and where that is less than it could be, why. */
  readonly strength?: readonly string[];
  readonly weakness?: string | undefined;
  /** Is the provider usable now? Never throws. */
  check(): Promise<ProviderCheck>;
  /**
   * Starts an engine; resolves when it answers on both ports. Two time-outs bound it: until started, and until
   * answering. `onStep` hears of each step that it comes to. Throws `unavailable`, with a reason for the log in `cause`.
   */
  launch(spec: LaunchSpec, onStep?: (step: LaunchStep) => void): Promise<RunningEngine>;
  /** Ends an engine and all that belongs to it. Resolves when it is gone; an unknown id is fine. No death is told. */
  stop(engineId: string, reason: StopReason): Promise<void>;
  /** Ids of all engines that exist now, asked of the system and not of a counter. */
  list(): Promise<string[]>;
  /** Calls back once for each engine that ends without `stop`. Returns how to stop listening. */
  onDeath(listener: (death: EngineDeath) => void): () => void;
  /** Ends all engines and frees everything. */
  close(): Promise<void>;
  /** Only where engines outlive the proxy. */
  readonly adoption?: Adoption;
}

import type { Connection, ExecuteOptions } from './connection.js';
import { Lane } from './lane.js';
import type { ParameterRows } from './parameters/parameter-type.js';
import type { Result } from './result.js';
import type { PreparedStatement } from './worker/protocol.js';

export interface StatementOptions extends ExecuteOptions {
  /**
   * Where the statement runs. On a lane: it waits for its turn there. `spare`: not on the main lane. Else on what is
   * free.
   */
  readonly placement?: Lane | 'spare' | undefined;
  /** Called when it is the statement's turn; what it throws is what becomes of the statement. */
  readonly onTurn?: (() => void) | undefined;
  /** Has the connection before the statement runs on it. */
  readonly onConnection?: (connection: Connection) => Promise<void>;
}

/** Spare connections that a session keeps for later. */
const KEPT_SPARES = 8;
/** How long a statement waits for a lane on which another one runs. */
const LANE_PATIENCE_MS = 10_000;

/**
 * What a client sees as one session: temporary tables, transactions and variables live on its main lane. Statements
 * that run while that one is busy get a spare connection. All have the session's settings.
 */
export class Session {
  /** Temporary tables, `BEGIN` and `SET VARIABLE` are only here. */
  readonly main: Lane;
  /** Spare lanes, and those of them that are free. */
  private readonly spares = new Set<Lane>();
  private readonly free: Lane[] = [];
  private settings: readonly string[] = [];
  private readonly settled = new WeakMap<Lane, readonly string[]>();
  private closed = false;

  constructor(
    main: Connection,
    private readonly connect: () => Promise<Connection>,
  ) {
    this.main = new Lane(main);
  }

  /** Names and types of a statement's result, without running it. Rejects with DuckDbError. */
  async describe(sql: string, options: StatementOptions = {}): Promise<PreparedStatement> {
    return this.use(options, (connection) => connection.prepare(sql, options), toPrepare);
  }

  /** Executes a statement. The result must be closed. Rejects with DuckDbError. */
  async execute(sql: string, options: StatementOptions = {}): Promise<Result> {
    const lane = await this.take(options, (connection) => connection.isPrepared(sql));
    try {
      return await lane.connection.execute(sql, () => this.give(lane), options);
    } catch (error) {
      this.give(lane);
      throw error;
    }
  }

  /** Executes once for each row of parameters; resolves with how many rows that changed. Rejects with DuckDbError. */
  executeRows(sql: string, parameters: ParameterRows, options: StatementOptions = {}): Promise<number> {
    return this.use(options, (connection) => connection.executeRows(sql, parameters, options.signal));
  }

  /** Runs a statement and drops its result. Rejects with DuckDbError. */
  run(sql: string, options: StatementOptions = {}): Promise<void> {
    return this.use(options, (connection) => connection.run(sql));
  }

  /** Calls `work` with a connection that nobody else uses meanwhile. */
  async use<T>(
    options: StatementOptions,
    work: (connection: Connection) => Promise<T>,
    prefers: Preference = any,
  ): Promise<T> {
    const lane = await this.take(options, prefers);
    try {
      return await work(lane.connection);
    } finally {
      this.give(lane);
    }
  }

  /** Another lane with the session's settings. Whoever opens it retires it. */
  async openLane(): Promise<Lane> {
    return new Lane(await this.connect());
  }

  /** Statements that each connection runs before its next statement, in the place of those before. */
  settle(settings: readonly string[]): void {
    this.settings = settings;
    // Where they come from is where they are in force.
    this.settled.set(this.main, settings);
  }

  /** Closes the connections that are free now, and the others as they become free. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.main, ...this.free.splice(0)].map((lane) => lane.retire()));
  }

  private async take(options: StatementOptions, prefers: Preference): Promise<Lane> {
    const lane = await this.lane(options, prefers);
    try {
      options.onTurn?.();
      await this.settleLane(lane);
      await options.onConnection?.(lane.connection);
      return lane;
    } catch (error) {
      this.give(lane);
      throw error;
    }
  }

  private async settleLane(lane: Lane): Promise<void> {
    const { settings } = this;
    if ((this.settled.get(lane) ?? NONE) === settings) return;
    for (const statement of settings) await lane.connection.run(statement);
    this.settled.set(lane, settings);
  }

  private async lane({ placement, signal }: StatementOptions, prefers: Preference): Promise<Lane> {
    if (placement instanceof Lane) {
      await placement.take(LANE_PATIENCE_MS, signal);
      return placement;
    }
    const preferred =
      placement === undefined ? this.free.findLast((lane) => prefers(lane.connection)) : undefined;
    const mainFits = placement !== undefined || preferred === undefined || prefers(this.main.connection);
    if (placement !== 'spare' && mainFits && this.main.tryTake()) return this.main;
    const spare = this.takeFree(preferred) ?? (await this.openLane());
    spare.tryTake();
    this.spares.add(spare);
    return spare;
  }

  private takeFree(preferred: Lane | undefined): Lane | undefined {
    const at = preferred ? this.free.indexOf(preferred) : -1;
    return at < 0 ? this.free.pop() : this.free.splice(at, 1)[0];
  }

  private give(lane: Lane): void {
    lane.give();
    if (!this.spares.has(lane)) return;
    if (!this.closed && this.free.length < KEPT_SPARES) return void this.free.push(lane);
    this.spares.delete(lane);
    void lane.retire().catch(() => undefined);
  }
}

const NONE: readonly string[] = [];

/** Which of the free connections is best for a statement. */
type Preference = (connection: Connection) => boolean;

const any: Preference = () => true;
/** What another statement has prepared is about to be executed. */
const toPrepare: Preference = (connection) => !connection.hasPrepared;

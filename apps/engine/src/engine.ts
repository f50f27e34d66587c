import { shortageOf, type Database, type DuckDbError } from '@pondpilot/duckdb';
import {
  CALL_SECRET_HEADER,
  EngineState,
  type EngineHealthInit,
  type EngineLaunch,
  type EngineReady,
  type EngineStep,
} from '@pondpilot/engine-api';
import { FlightSqlServer, GrpcServer, type ServerCall } from '@pondpilot/flight-sql';
import { DomainError, messageOf, systemClock, type Clock } from '@pondpilot/kernel';
import { Activity } from './activity.js';
import { AttachedDatabases } from './attached-databases.js';
import { Catalog } from './catalog.js';
import { Claim } from './claim.js';
import { listenControl, type ControlListener, type Controlled } from './control-service.js';
import { commandsOf } from './commands/index.js';
import { Descriptions } from './descriptions.js';
import { watchMemory } from './memory-watch.js';
import type { OpeningDatabase } from './open-database.js';
import { PreparedStatements } from './prepared-statements.js';
import { Sessions } from './sessions.js';
import { Statements } from './statements.js';
import { Tickets } from './tickets.js';

const VERSION = '0.1.0';
/** What the runtime takes without any statement leaves no room below this. */
const LEAST_MEMORY_BYTES = 256 * 1024 ** 2;

export interface RunningEngine {
  readonly ready: EngineReady;
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

/** What is told of an engine. */
export interface EngineEvents {
  /** DuckDB can no longer be trusted. */
  readonly onBroken: (error: Error) => void;
  /** Its start has come to a step that may take long. */
  readonly onStep?: (step: EngineStep) => void;
  /** A proxy that knows the secret has called. */
  readonly onControl?: () => void;
}

/** One user's DuckDB behind Flight SQL, with its control service. */
export class Engine implements Controlled {
  private readonly claimed = new Claim();
  private readonly activity: Activity;
  private readonly startedAt: number;
  private readonly sessions: Sessions;
  private readonly service: FlightSqlServer;
  private readonly stopWatching: () => void;

  private constructor(
    private readonly database: Database,
    private readonly databases: AttachedDatabases,
    private readonly clock: Clock,
    launch: EngineLaunch,
    onFatal: (error: Error) => void,
  ) {
    const { limits, memoryBytes } = launch;
    const stuck = () =>
      onFatal(new DomainError('internal', 'A statement goes on long after its time. The engine ends.'));
    this.activity = new Activity(clock, { ...limits, onStuck: stuck });
    this.startedAt = clock.now();
    const [tickets, prepared] = [new Tickets(clock), new PreparedStatements(clock)];
    const onClose = (name: string) => {
      tickets.forgetSession(name);
      prepared.forgetSession(name);
    };
    const { transactionIdleMs } = limits;
    this.sessions = new Sessions(database, { clock, transactionIdleMs, onClose });
    this.service = this.serviceFor(launch, tickets, prepared, onFatal);
    this.stopWatching = this.watchMemory(memoryBytes);
  }

  /**
   * Goes on with DuckDB in the lockdown order (settings, extensions and databases, locks), then listens on both ports.
   * Rejects where any of it fails but for databases that can't be attached: those are told by `health`.
   */
  static async start(
    launch: EngineLaunch,
    opening: OpeningDatabase,
    { onBroken, onStep = () => {}, onControl = () => {} }: EngineEvents,
  ): Promise<RunningEngine> {
    const opened = Engine.open(launch, opening, onBroken, onStep);
    opened.catch(() => {});
    // While DuckDB opens: nobody is told the ports before.
    const ports = await listen(launch, opened, onControl);
    try {
      return (await opened).running(ports);
    } catch (error) {
      await ports.close();
      throw error;
    }
  }

  private static async open(
    launch: EngineLaunch,
    opening: OpeningDatabase,
    onBroken: EngineEvents['onBroken'],
    onStep: (step: EngineStep) => void,
  ): Promise<Engine> {
    let engine: Engine | undefined;
    const broken = (error: Error) => {
      engine?.activity.breakDown();
      onBroken(error);
    };
    void opening.crashed.then(broken);
    const database = await opening.database;
    for (const name of launch.extensions) await load(database, name);
    if (launch.databases.length > 0) onStep('attaching');
    const databases = await AttachedDatabases.attach(database, launch.databases, systemClock, complain);
    await database.lock();
    engine = new Engine(database, databases, systemClock, launch, broken);
    return engine;
  }

  claim(owner: string, callSecret: string): void {
    this.claimed.set(owner, callSecret);
  }

  drain(timeoutMs: number): Promise<number> {
    return this.activity.drain(timeoutMs);
  }

  interrupt(statementId: string): number {
    return this.activity.interrupt(statementId);
  }

  connectionClosed(connectionId: string): void {
    this.sessions.connectionClosed(connectionId);
  }

  health(): EngineHealthInit {
    const now = this.clock.now();
    return {
      state: this.state(),
      engineVersion: VERSION,
      duckdbVersion: this.database.version,
      residentBytes: BigInt(process.memoryUsage.rss()),
      uptimeMs: BigInt(now - this.startedAt),
      statements: this.activity.statements().map(({ id, sqlSha256, startedAt, rows, bytes }) => ({
        id,
        sqlSha256,
        runningMs: BigInt(now - startedAt),
        rows: BigInt(rows),
        bytes: BigInt(bytes),
      })),
      databases: this.databases.health,
      outdated: this.databases.outdated,
      openTransactions: this.sessions.openTransactions,
      owner: this.claimed.owner ?? '',
    };
  }

  private state(): EngineState {
    if (this.activity.state === 'broken') return EngineState.BROKEN;
    if (this.activity.state === 'draining') return EngineState.DRAINING;
    return this.claimed.callSecret === undefined ? EngineState.UNCLAIMED : EngineState.SERVING;
  }

  /** Handles a call on the data port. */
  async handle(call: ServerCall): Promise<void> {
    try {
      await this.service.handle(call);
    } catch (error) {
      throw explained(error);
    }
  }

  private serviceFor(
    launch: EngineLaunch,
    tickets: Tickets,
    prepared: PreparedStatements,
    onFatal: (error: DuckDbError) => void,
  ): FlightSqlServer {
    const { limits, resultCompression = 'none' } = launch;
    const { clock, activity, databases, database, sessions } = this;
    const catalog = new Catalog(() => database.openSession(), clock);
    const descriptions = new Descriptions(catalog, clock);
    const used = { sessions, activity, databases, catalog, descriptions };
    const statements = new Statements({ ...limits, ...used, onFatal });
    const duckdbVersion = database.version;
    const known = { clock, sessions, activity, databases, catalog, statements, tickets, prepared };
    return new FlightSqlServer(
      (call) => this.claimed.require(call.header(CALL_SECRET_HEADER)),
      commandsOf({ ...known, ...limits, duckdbVersion, resultCompression }),
    );
  }

  /** Statements that need more memory than there is end with an error, or this process does. */
  private watchMemory(memoryBytes: number): () => void {
    const limitBytes = Math.max(memoryBytes, LEAST_MEMORY_BYTES);
    const reason = new DomainError(
      'resource_exhausted',
      `Your engine has ${Math.round(limitBytes / 1024 ** 2)} MB of memory, and the statement needs more (containers.memory_limit).`,
    );
    return watchMemory({
      clock: this.clock,
      limitBytes,
      residentBytes: () => process.memoryUsage.rss(),
      release: () => this.database.releaseMemory(),
      interrupt: () => void this.activity.interrupt('', reason),
      end: (why) => {
        complain(why);
        process.kill(process.pid, 'SIGKILL');
      },
    });
  }

  private running(ports: Ports): RunningEngine {
    // The first query comes soon, and most clients use this session. What it fails with reaches those.
    this.sessions.get('').catch(() => {});
    return {
      ready: { event: 'ready', port: ports.data.port, controlPort: ports.control.port },
      close: async () => {
        this.stopWatching();
        this.sessions.dispose();
        await ports.close();
        this.databases.close();
        await this.database.close();
      },
    };
  }
}

/** What an engine listens on. */
interface Ports {
  readonly data: GrpcServer;
  readonly control: ControlListener;
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

/** Listens on both ports; calls wait for the engine. */
async function listen(launch: EngineLaunch, engine: Promise<Engine>, onControl: () => void): Promise<Ports> {
  const { host, port = 0, controlPort = 0, controlSecret } = launch;
  const handle = async (call: ServerCall) => (await engine).handle(call);
  const data = await GrpcServer.listen({ host, port, handle });
  const control = await listenControl({ host, port: controlPort, secret: controlSecret, onControl }, engine);
  const close = async () => void (await Promise.all([control.close(), data.close()]));
  return { data, control, close };
}

/** The log of the engine: the proxy passes it on. */
function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What of an error is for the user; the log has the rest of those that nobody foresaw. */
function explained(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  complain(`A call failed: ${messageOf(error)}`);
  return shortageOf(error) ?? error;
}

/** An extension that can't be loaded does not keep the engine from starting. */
async function load(database: Database, name: string): Promise<void> {
  try {
    await database.loadExtension(name);
  } catch (error) {
    complain(`The extension ${name} is not loaded: ${messageOf(error)}`);
  }
}

import { resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { DomainError, messageOf, randomId, randomSecret } from '@pondpilot/kernel';
import { EngineControlClient } from '@pondpilot/engine-api';
import type {
  EngineDeath,
  EngineProvider,
  LaunchSpec,
  LaunchStep,
  ProviderCheck,
  RunningEngine,
  StopReason,
} from '../../provider.js';
import { databaseProblems, missingPart } from './checks.js';
import { causeOf, describeEnding, type Ending } from './ending.js';
import { makeHome, type EngineHome } from './engine-home.js';
import { EngineProcess, type EngineProgram } from './engine-process.js';
import { HOST, launchSettings } from './launch-settings.js';
import type { ProcessProviderOptions } from './options.js';
import { mayChangeUsers, outOfMemoryKills } from './proc.js';
import { runtimeInPlace, stageRuntime, type Runtime } from './runtime.js';
import { StateDirectory } from './state-directory.js';
import { Sandbox, type SandboxPart } from './sandbox/sandbox.js';
import { LAST_USER, UserPool } from './user-pool.js';

const CLOSED = 'The provider is closed: the proxy is shutting down.';

type OnStep = (step: LaunchStep) => void;

/** What engines are run with, and how they are shut in. */
interface Prepared {
  readonly runtime: Runtime;
  readonly sandbox: Sandbox;
}

/** An engine of which something exists. */
interface Engine {
  readonly process: EngineProcess;
  readonly home: EngineHome;
  readonly controlSecret: string;
  readonly killsBefore: number;
  /** Launched entirely: its end without `stop` is a death. */
  running: boolean;
  removal: Promise<void> | undefined;
}

/**
 * Engines as child processes of the proxy. They end with it: an engine ends when its standard input does. As root
 * each has a user of its own, a folder that this user alone can enter, and a program that it can't write to.
 */
export class ProcessProvider implements EngineProvider {
  readonly name = 'process';
  /** `ownUser`: has every engine a user of its own, so that none can reach another's memory or files? */
  readonly isolation: { readonly ownUser: boolean };
  private readonly options: ProcessProviderOptions;
  private readonly state: StateDirectory;
  private readonly users: UserPool | undefined;
  private readonly engines = new Map<string, Engine>();
  private readonly launches = new Set<Promise<unknown>>();
  private readonly listeners = new Set<(death: EngineDeath) => void>();
  private prepared: Promise<Prepared> | undefined;
  private sandbox: Sandbox | undefined;
  private closed = false;

  /** Does nothing yet: the state directory is made and swept by the first `check` or `launch`. */
  constructor(options: ProcessProviderOptions) {
    this.options = absolute(options);
    this.state = new StateDirectory(this.options.stateDirectory);
    const ownUser = options.ownUser !== false && mayChangeUsers(LAST_USER);
    this.isolation = { ownUser };
    this.users = ownUser ? new UserPool(() => this.state.folderOwners()) : undefined;
  }

  /** What holds engines back on this machine, once `check` or `launch` has found it out. */
  get strength(): readonly SandboxPart[] {
    return [
      ...(this.isolation.ownUser ? (['own_user'] as const) : []),
      'rlimits',
      ...(this.sandbox?.parts ?? []),
    ];
  }

  /** Why they are not shut in by the kernel; undefined where they are. */
  get weakness(): string | undefined {
    return this.sandbox?.problem;
  }

  async check(): Promise<ProviderCheck> {
    if (this.closed) return { usable: false, problem: CLOSED };
    const missing = missingPart(this.options);
    if (missing !== undefined) return { usable: false, problem: missing };
    try {
      await this.prepare();
    } catch (error) {
      return { usable: false, problem: messageOf(error) };
    }
    const problem = await databaseProblems(this.options, this.isolation.ownUser);
    return problem === undefined ? { usable: true } : { usable: true, problem };
  }

  async launch(spec: LaunchSpec, onStep: OnStep = () => {}): Promise<RunningEngine> {
    const launch = this.start(randomId(), spec, onStep);
    this.launches.add(launch);
    try {
      return await launch;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw new DomainError('unavailable', 'No engine could be started.', { cause: error });
    } finally {
      this.launches.delete(launch);
    }
  }

  async stop(engineId: string, _reason: StopReason): Promise<void> {
    const engine = this.engines.get(engineId);
    if (engine) await this.remove(engineId, engine);
  }

  async list(): Promise<string[]> {
    const ids = new Set(await this.state.engineIds());
    for (const [id, { process }] of this.engines) if (process.exists) ids.add(id);
    return [...ids];
  }

  onDeath(listener: (death: EngineDeath) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.engines].map(([id, engine]) => this.remove(id, engine)));
    await Promise.allSettled(this.launches);
    await this.state.close();
  }

  private async start(id: string, spec: LaunchSpec, onStep: OnStep): Promise<RunningEngine> {
    if (this.closed) throw new Error(CLOSED);
    onStep('creating');
    const prepared = await this.prepare();
    const home = await makeHome(this.state, this.users, id);
    if (this.closed) {
      await home.remove();
      throw new Error(CLOSED);
    }
    onStep('booting');
    const engine = await this.spawnIn(home, () => this.spawn(id, spec, { ...prepared, home, onStep }));
    try {
      return await this.settle(id, engine);
    } catch (error) {
      await engine.process.kill();
      await this.remove(id, engine);
      throw error;
    }
  }

  /** Where nothing could be spawned nobody else removes the home. */
  private async spawnIn(home: EngineHome, spawn: () => Engine): Promise<Engine> {
    try {
      return spawn();
    } catch (error) {
      await home.remove();
      throw error;
    }
  }

  private spawn(
    id: string,
    spec: LaunchSpec,
    parts: Prepared & Pick<EngineProgram, 'home' | 'onStep'>,
  ): Engine {
    const { home } = parts;
    const launch = launchSettings(id, spec, parts.runtime, home.folder);
    const { nodeArguments = [], onOutput } = this.options;
    const program = {
      ...parts,
      nodeArguments,
      launch,
      onOutput: (line: string) => onOutput?.(id, line),
    };
    const engine: Engine = {
      home,
      killsBefore: outOfMemoryKills(),
      process: new EngineProcess(program),
      controlSecret: launch.controlSecret,
      running: false,
      removal: undefined,
    };
    this.engines.set(id, engine);
    void engine.process.ended.then((ending) => this.ended(id, engine, ending));
    return engine;
  }

  private async settle(id: string, engine: Engine): Promise<RunningEngine> {
    const { process, controlSecret } = engine;
    const { port, controlPort } = await process.ready(this.options.startTimeoutMs);
    const running = { id, host: HOST, port, controlPort, controlSecret, callSecret: randomSecret() };
    await this.answers(running, process);
    if (process.hasExited) throw new Error('The engine ended right after its start.');
    engine.running = true;
    return running;
  }

  private async answers(engine: RunningEngine, process: EngineProcess): Promise<void> {
    const control = new EngineControlClient(`${engine.host}:${engine.controlPort}`, engine.controlSecret);
    const ended = process.ended.then((ending) => {
      throw new Error(`The engine ended before it answered: ${describeEnding(ending)}.`);
    });
    try {
      await Promise.race([control.health(this.options.answerTimeoutMs), ended]);
    } catch (error) {
      throw new Error(`The engine reported its ports, but does not answer: ${messageOf(error)}`, {
        cause: error,
      });
    } finally {
      control.close();
    }
  }

  private ended(id: string, engine: Engine, ending: Ending): void {
    if (!engine.running || engine.removal) return;
    const cause = causeOf(ending, engine.killsBefore);
    const death = { engineId: id, cause, detail: describeEnding(ending) };
    void this.remove(id, engine).catch(() => {});
    for (const listener of this.listeners) listener(death);
  }

  /** Ends it where it runs, and removes what belongs to it; all callers await the same removal. */
  private remove(id: string, engine: Engine): Promise<void> {
    engine.removal ??= this.removeNow(id, engine);
    return engine.removal;
  }

  private async removeNow(id: string, engine: Engine): Promise<void> {
    try {
      await engine.process.terminate();
      await engine.home.remove();
      this.engines.delete(id);
    } catch (error) {
      engine.removal = undefined;
      throw error;
    }
  }

  /** Makes the state directory and stages the program, once; again where that failed or somebody removed it. */
  private async prepare(): Promise<Prepared> {
    this.prepared ??= this.open();
    try {
      const prepared = await this.prepared;
      if (existsSync(prepared.runtime.entry) && existsSync(this.state.folder)) return prepared;
      this.prepared = this.open();
      return await this.prepared;
    } catch (error) {
      this.prepared = undefined;
      throw error;
    }
  }

  private async open(): Promise<Prepared> {
    await this.state.open(this.isolation.ownUser);
    const runtime = await this.stage();
    this.sandbox = await Sandbox.find(runtime, this.state.folder);
    return { runtime, sandbox: this.sandbox };
  }

  private async stage(): Promise<Runtime> {
    if (!this.isolation.ownUser) return runtimeInPlace(this.options);
    const runtime = await stageRuntime(this.options, this.state);
    await this.state.dropUnusedRuntimes();
    return runtime;
  }
}

function absolute(options: ProcessProviderOptions): ProcessProviderOptions {
  const { extensionDirectory, files = [] } = options;
  return {
    ...options,
    node: resolve(options.node),
    entry: resolve(options.entry),
    files: files.map((file) => resolve(file)),
    duckdbLibrary: resolve(options.duckdbLibrary),
    stateDirectory: resolve(options.stateDirectory),
    ...(extensionDirectory === undefined ? {} : { extensionDirectory: resolve(extensionDirectory) }),
  };
}

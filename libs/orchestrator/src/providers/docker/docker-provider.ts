import { DomainError, messageOf, randomId } from '@pondpilot/kernel';
import type {
  Adoption,
  EngineDeath,
  EngineProvider,
  LaunchSpec,
  LaunchStep,
  LeftEngine,
  ProviderCheck,
  RunningEngine,
  StopReason,
} from '../../provider.js';
import { redactor } from '../common/redact.js';
import { ContainerEvents } from './container-events.js';
import { connectDaemon, daemonProblem, statusOf, type Daemon } from './daemon.js';
import type { OutputListeners } from './engine-output.js';
import { Engine } from './engine.js';
import { Fleet } from './fleet.js';
import { EngineImage } from './image.js';
import { launchEngine } from './launch.js';
import { engineIds, findLeft, removeEngine } from './left-engines.js';
import { fileProblems } from './mounts.js';
import { loopbackProblems } from './networks/database-hosts.js';
import type { DockerProviderOptions } from './options.js';
import { findPlace, type Place } from './place.js';
import { WrongConfiguration } from './wrong-configuration.js';

/** So many times the engines that were left are asked for until one that can't be told of is left alone. */
const PATIENT_FINDS = 5;
const CLOSED = 'The provider is closed: the proxy is shutting down.';

/**
 * Engines as containers of a Docker daemon. They outlive the proxy: the next one of the same deployment knows them by
 * their labels, and what it must know of them follows from the deployment's key and their ids.
 */
export class DockerProvider implements EngineProvider {
  readonly name = 'docker';
  /** What holds engines back, for the log and the health. */
  readonly strength = [
    'container',
    'own_user',
    'no_capabilities',
    'no_new_privileges',
    'read_only_root',
    'cgroup',
  ];
  readonly adoption: Adoption = { find: () => this.find(), detach: () => this.detach() };
  private readonly daemon: Daemon = connectDaemon();
  private readonly image: EngineImage;
  private readonly events: ContainerEvents;
  private readonly fleet: Fleet;
  private readonly launches = new Set<Promise<unknown>>();
  private found: Promise<Place> | undefined;
  private closed = false;
  private finds = 0;

  /** Asks the daemon nothing yet. */
  constructor(private readonly options: DockerProviderOptions) {
    this.image = new EngineImage(this.daemon, options.image);
    this.fleet = new Fleet({
      daemon: this.daemon,
      networks: async () => (await this.place()).networks,
      listenersFor: (id) => this.listenersFor(id, options.databases ?? []),
    });
    this.events = new ContainerEvents(this.daemon.streams, options.keys.deployment, {
      // What can't be removed now is removed when the daemon is back, or with the next check.
      onEnd: (id, ending) => void this.fleet.ended(id, ending).catch(() => {}),
      onReturn: () => void this.fleet.look(),
    });
  }

  async check(): Promise<ProviderCheck> {
    if (this.closed) return { usable: false, problem: CLOSED };
    try {
      const place = await this.prepare();
      void this.fleet.tidy();
      void place.networks.mend();
      const problem = await this.lesserProblems(place);
      return problem === '' ? { usable: true } : { usable: true, problem };
    } catch (error) {
      const permanent = error instanceof WrongConfiguration ? ({ permanent: true } as const) : {};
      return { usable: false, problem: orElse(explain(error), this.options.otherwise), ...permanent };
    }
  }

  async launch(spec: LaunchSpec, onStep: (step: LaunchStep) => void = () => {}): Promise<RunningEngine> {
    const launch = this.start(new Engine(randomId(), false), spec, onStep);
    this.launches.add(launch);
    try {
      return await launch;
    } catch (error) {
      throw new DomainError('unavailable', 'No engine could be started.', {
        cause: new Error(explain(error), { cause: error }),
      });
    } finally {
      this.launches.delete(launch);
    }
  }

  async stop(engineId: string, _reason: StopReason): Promise<void> {
    const engine = this.fleet.engines.get(engineId);
    if (engine) await this.fleet.remove(engine);
    else if ((await this.list()).includes(engineId))
      await removeEngine(engineId, { daemon: this.daemon, networks: (await this.place()).networks });
  }

  async list(): Promise<string[]> {
    const { networks } = await this.place();
    const containers = await engineIds(this.daemon.calls, this.options.keys.deployment);
    return [...new Set([...containers, ...(await networks.engineIds())])];
  }

  onDeath(listener: (death: EngineDeath) => void): () => void {
    return this.fleet.onDeath(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    const removals = [...this.fleet.engines.values()].map((engine) => this.fleet.remove(engine));
    await Promise.allSettled([...removals, ...this.launches]);
    this.events.close();
    await Promise.all(removals);
    if (this.found) await (await this.place()).networks.close();
  }

  private async start(
    engine: Engine,
    spec: LaunchSpec,
    onStep: (step: LaunchStep) => void,
  ): Promise<RunningEngine> {
    if (this.closed) throw new Error(CLOSED);
    const place = await this.prepare();
    if (this.closed) throw new Error(CLOSED);
    const { daemon, image, fleet, options } = this;
    const listeners = { ...this.listenersFor(engine.id, spec.databases), onStep };
    fleet.add(engine);
    try {
      return await launchEngine(engine, spec, { daemon, image, fleet, options, place, listeners, onStep });
    } catch (error) {
      await this.discard(engine);
      throw error;
    }
  }

  /** Leaves nothing of a launch that failed; where the daemon refuses or is away, later. */
  private async discard(engine: Engine): Promise<void> {
    try {
      // A removal that came before the container was made has not removed it.
      await engine.removal;
      engine.removal = undefined;
      await this.fleet.remove(engine);
    } catch {
      // Tried again by the fleet.
    }
  }

  private async find(): Promise<LeftEngine[]> {
    const { networks } = await this.connect();
    const { daemon, options, fleet } = this;
    const isOwn = (id: string) => fleet.engines.has(id);
    // Without the image none can be started, but those that run go on.
    const imageId = await this.image.id().catch(() => undefined);
    this.finds += 1;
    const leaveAlone =
      this.finds > PATIENT_FINDS
        ? (id: string, error: unknown) =>
            options.onOutput?.(id, `It is left alone, as it can't be reached: ${explain(error)}`)
        : undefined;
    const found = await findLeft({ daemon, options, networks, isOwn, leaveAlone }, imageId);
    // Nobody looked after their databases while no proxy was there; the next check does it, too.
    await networks.mend().catch(() => {});
    for (const { id } of found) {
      const engine = new Engine(id, true);
      fleet.add(engine);
      await fleet.attach(engine).catch(() => {});
    }
    return found;
  }

  private async detach(): Promise<void> {
    this.closed = true;
    const starting = [...this.fleet.engines.values()].filter(({ running }) => !running);
    await Promise.allSettled(starting.map((engine) => this.fleet.remove(engine)));
    await Promise.allSettled(this.launches);
    this.events.close();
    this.fleet.detach();
    if (this.found) await (await this.place()).networks.detach();
  }

  /** What keeps no engine from starting. */
  private async lesserProblems({ networks, mounts }: Place): Promise<string> {
    const { databases = [], extensionDirectory } = this.options;
    const { unmounted, unusable } = await fileProblems(databases, extensionDirectory, mounts);
    if (unmounted.length > 0) throw new WrongConfiguration(unmounted.join(' '));
    const notice = await networks.notice();
    return [notice, ...loopbackProblems(databases), ...unusable].filter(Boolean).join('; ');
  }

  /** Throws where no engine can be started now. */
  private async prepare(): Promise<Place> {
    const place = await this.connect();
    await this.image.id();
    return place;
  }

  /** Throws where the daemon does not answer, or engines can't be reached. */
  private async connect(): Promise<Place> {
    const place = await this.place();
    await this.events.open();
    await place.networks.prepare();
    return place;
  }

  private async place(): Promise<Place> {
    this.found ??= findPlace(this.daemon, this.options);
    try {
      return await this.found;
    } catch (error) {
      this.found = undefined;
      throw error;
    }
  }

  private listenersFor(id: string, databases: LaunchSpec['databases']): OutputListeners {
    const { keys, onOutput } = this.options;
    const clean = redactor([keys.control(id), keys.call(id)], databases);
    return { clean, onLine: (line) => onOutput?.(id, line) };
  }
}

/** Docker's own errors come with a status or a system's code; all others are ours and say what to do. */
function explain(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return statusOf(error) !== undefined || code !== undefined ? daemonProblem(error) : messageOf(error);
}

function orElse(problem: string, otherwise: string | undefined): string {
  return otherwise === undefined ? problem : `${problem.replace(/\.$/, '')}, or ${otherwise}.`;
}

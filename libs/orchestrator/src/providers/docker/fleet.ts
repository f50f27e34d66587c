import type { EngineDeath } from '../../provider.js';
import { hearContainer, removeContainer, whereabouts } from './engine-container.js';
import type { Daemon } from './daemon.js';
import { causeOf, describeEnding, type ContainerEnding } from './ending.js';
import type { EngineOutput, OutputListeners } from './engine-output.js';
import type { Engine } from './engine.js';
import type { EngineNetworks } from './networks/engine-networks.js';

/** The connection to the daemon may be cut for good: it is not asked more often than this. */
const HEAR_AGAIN_MS = 1000;

export interface FleetParts {
  readonly daemon: Daemon;
  readonly networks: () => Promise<EngineNetworks>;
  readonly listenersFor: (engineId: string) => OutputListeners;
}

/** The engines that this provider knows, their ends and their removal. */
export class Fleet {
  readonly engines = new Map<string, Engine>();
  private readonly listeners = new Set<(death: EngineDeath) => void>();
  private closed = false;

  constructor(private readonly parts: FleetParts) {}

  onDeath(listener: (death: EngineDeath) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  add(engine: Engine): void {
    this.engines.set(engine.id, engine);
  }

  /** From now on what this engine writes is heard, and that it is silent for good is looked into. */
  hear(engine: Engine, output: EngineOutput): void {
    engine.output = output;
    void output.over.then(() => setTimeout(() => void this.hearAgain(engine), HEAR_AGAIN_MS).unref());
  }

  /** Attaches to an engine that runs already. Its output is of use, but nothing depends on it. */
  async attach(engine: Engine): Promise<void> {
    const { daemon, listenersFor } = this.parts;
    this.hear(engine, await hearContainer(daemon, engine.id, listenersFor(engine.id)));
  }

  /** Its container has ended; `undefined` where it is gone and nobody knows how. */
  async ended(engineId: string, ending: ContainerEnding | undefined): Promise<void> {
    const engine = this.engines.get(engineId);
    if (!engine || engine.ended || engine.removal || engine.abandoned) return;
    engine.ended = true;
    await engine.heard();
    const detail = ending ? describeEnding(ending) : 'its container is gone';
    if (!engine.running) {
      const words = engine.output?.quote() ?? '';
      engine.abortLaunch(new Error(`The engine ended before it was ready: ${detail}.${words}`));
    } else if (!engine.removal) {
      const cause = ending ? causeOf(ending, engine.output?.lastWords ?? '') : 'vanished';
      this.tell({ engineId, cause, detail });
      await this.remove(engine);
    }
  }

  /** Removes those that could not be removed before. */
  async tidy(): Promise<void> {
    const abandoned = [...this.engines.values()].filter((engine) => engine.abandoned);
    await Promise.allSettled(abandoned.map((engine) => this.remove(engine)));
  }

  /** Looks after all engines whose ends may have been missed, and those that could not be removed. */
  async look(): Promise<void> {
    const started = [...this.engines.values()].filter((engine) => engine.started && !engine.abandoned);
    await Promise.allSettled([this.tidy(), ...started.map((engine) => this.lookAfter(engine))]);
  }

  /** Ends it where it runs, and removes what belongs to it; all callers await the same removal. */
  remove(engine: Engine): Promise<void> {
    engine.removal ??= this.removeNow(engine);
    return engine.removal;
  }

  /** Hears no engine any more. */
  detach(): void {
    this.closed = true;
    for (const { output } of this.engines.values()) output?.close();
  }

  private async removeNow(engine: Engine): Promise<void> {
    engine.abortLaunch(new Error('The engine was stopped during its start.'));
    try {
      await removeContainer(this.parts.daemon.calls, engine.id);
      await (await this.parts.networks()).remove(engine.id);
    } catch (error) {
      engine.removal = undefined;
      engine.abandoned = true;
      throw error;
    }
    engine.output?.close();
    this.engines.delete(engine.id);
  }

  private async hearAgain(engine: Engine): Promise<void> {
    if (this.closed || engine.ended || engine.removal) return;
    // The daemon may be away: when it is back all engines are looked after.
    await this.lookAfter(engine).catch(() => {});
    if (!engine.ended && engine.running) await this.attach(engine).catch(() => {});
  }

  private async lookAfter(engine: Engine): Promise<void> {
    const { running } = await whereabouts(this.parts.daemon.calls, engine.id);
    if (!running) await this.ended(engine.id, undefined);
  }

  private tell(death: EngineDeath): void {
    for (const listener of this.listeners) listener(death);
  }
}

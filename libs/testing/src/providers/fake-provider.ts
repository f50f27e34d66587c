import { randomId } from '@pondpilot/kernel';
import type {
  EngineDeath,
  EngineProvider,
  LaunchSpec,
  LaunchStep,
  LeftEngine,
  ProviderCheck,
  RunningEngine,
  StopReason,
} from '@pondpilot/orchestrator';

/** A provider in memory: its engines exist, and are counted, but answer nothing. */
export class FakeProvider implements EngineProvider {
  readonly name: string = 'fake';
  readonly launched: LaunchSpec[] = [];
  readonly stopped: Array<{ engineId: string; reason: StopReason }> = [];
  /** The most engines that ever existed at once, those that start or stop included. */
  peak = 0;
  /** Where set, launches and stops fail with it. */
  launchError: Error | undefined;
  stopError: Error | undefined;
  closed = false;
  private readonly live = new Set<string>();
  private readonly listeners = new Set<(death: EngineDeath) => void>();

  async check(): Promise<ProviderCheck> {
    return this.launchError ? { usable: false, problem: this.launchError.message } : { usable: true };
  }

  async launch(spec: LaunchSpec, _onStep?: (step: LaunchStep) => void): Promise<RunningEngine> {
    const id = randomId();
    this.launched.push(spec);
    this.live.add(id);
    this.peak = Math.max(this.peak, this.live.size);
    try {
      await this.pass('launch', id);
      if (this.launchError) throw this.launchError;
      if (this.closed) throw new Error('The provider is closed.');
    } catch (error) {
      this.live.delete(id);
      throw error;
    }
    return engineNamed(id);
  }

  async stop(engineId: string, reason: StopReason): Promise<void> {
    this.stopped.push({ engineId, reason });
    await this.pass('stop', engineId);
    if (this.stopError) throw this.stopError;
    this.live.delete(engineId);
  }

  async list(): Promise<string[]> {
    return [...this.live];
  }

  onDeath(listener: (death: EngineDeath) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.live.clear();
  }

  /** An engine that exists without having been launched here. */
  protected add(engineId: string): void {
    this.live.add(engineId);
  }

  /** An engine ends by itself. */
  die(engineId: string, how: Partial<EngineDeath> = {}): void {
    this.live.delete(engineId);
    const death: EngineDeath = { engineId, cause: 'killed', detail: 'signal SIGKILL', ...how };
    for (const listener of this.listeners) listener(death);
  }

  /** What stands between the call and its effect. */
  protected async pass(_call: 'launch' | 'stop', _engineId: string): Promise<void> {}
}

/** Its engines outlive it. */
export class LastingProvider extends FakeProvider {
  override readonly name: string = 'lasting';
  detached = false;
  /** Where set, it can't tell what was left. */
  findError: Error | undefined;
  readonly adoption = {
    find: async () => {
      if (this.findError) throw this.findError;
      return [...this.left];
    },
    detach: async () => {
      this.detached = true;
    },
  };

  /** @param left what an earlier proxy has left */
  constructor(private readonly left: readonly LeftEngine[]) {
    super();
    for (const { id } of left) this.add(id);
  }
}

/** Its launches and stops wait until the test lets them go on. */
export class SlowProvider extends FakeProvider {
  override readonly name: string = 'slow';
  readonly waiting: Array<{ call: 'launch' | 'stop'; engineId: string; goOn: () => void }> = [];

  /** Lets the waiting call at this index go on; the eldest unless told. */
  goOn(index = 0): void {
    this.waiting.splice(index, 1)[0]?.goOn();
  }

  /** Closing ends launches under way, as every provider does. */
  override async close(): Promise<void> {
    await super.close();
    while (this.waiting.length > 0) this.goOn();
  }

  protected override pass(call: 'launch' | 'stop', engineId: string): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((goOn) => {
      this.waiting.push({ call, engineId, goOn });
    });
  }
}

/** An engine as providers tell of it; nothing answers. */
export function engineNamed(id: string): RunningEngine {
  return {
    id,
    host: '127.0.0.1',
    port: 1,
    controlPort: 2,
    controlSecret: 'control',
    callSecret: `call ${id}`,
  };
}

import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { messageOf } from '@pondpilot/kernel';
import { onLines } from '../common/lines.js';
import type { Daemon } from './daemon.js';
import { isMissing, statusOf } from './daemon.js';
import { IMAGE_LABEL } from './labels.js';
import { WrongConfiguration } from './wrong-configuration.js';
import { ENGINE_IMAGE } from './options.js';

const PULL_AGAIN_MS = 60_000;
const MAX_LINE = 64 * 1024;

/** The image that engines are made of. Where it is missing it is pulled, in the background. */
export class EngineImage {
  private pulling: Promise<void> | undefined;
  private pulledAt = -Infinity;
  private pullProblem: string | undefined;

  constructor(
    private readonly daemon: Daemon,
    readonly name: string,
  ) {}

  /** Its id now; undefined where a socket proxy does not show images. Throws where there is none or it is no engine. */
  async id(): Promise<string | undefined> {
    try {
      const { Id, Config } = await this.daemon.calls.getImage(this.name).inspect();
      if (Config.Labels?.[IMAGE_LABEL] === '1') return Id;
    } catch (error) {
      if (statusOf(error) === 403) return undefined;
      if (!isMissing(error)) throw error;
      throw new Error(this.missing(), { cause: error });
    }
    throw new WrongConfiguration(
      `The image ${this.name} (containers.image, CONTAINER_IMAGE) is not an engine of PondPilot Proxy: it lacks the label ${IMAGE_LABEL}=1. Use ${ENGINE_IMAGE}, or one that is built on it.`,
    );
  }

  /** Says that it is missing and what to do, and starts to pull it unless that was tried a moment ago. */
  missing(): string {
    this.pull();
    const byHand = `docker pull ${this.name}, or in the sources: docker build --target engine -t ${this.name} .`;
    const state = this.pulling ? 'It is being pulled' : `Pulling it failed: ${this.pullProblem}`;
    return `The engines' image ${this.name} is not there. ${state}; by hand: ${byHand}`;
  }

  private pull(): void {
    if (this.pulling || Date.now() - this.pulledAt < PULL_AGAIN_MS) return;
    this.pulledAt = Date.now();
    this.pulling = this.tryPull();
  }

  private async tryPull(): Promise<void> {
    try {
      await this.pullNow();
      this.pullProblem = 'it is gone again';
    } catch (error) {
      this.pullProblem = messageOf(error).replaceAll(/\s+/g, ' ').trim();
    } finally {
      this.pulling = undefined;
    }
  }

  private async pullNow(): Promise<void> {
    const progress = (await this.daemon.streams.pull(this.name)) as Readable;
    const problems: string[] = [];
    onLines(progress, MAX_LINE, (line) => problems.push(...problemIn(line)));
    await finished(progress);
    if (problems[0] !== undefined) throw new Error(problems[0]);
  }
}

/** What fails after the first layer has come is a line of the progress, whose status was fine. */
function problemIn(line: string): string[] {
  try {
    const { error } = JSON.parse(line) as { error?: unknown };
    return typeof error === 'string' ? [error] : [];
  } catch {
    return [];
  }
}

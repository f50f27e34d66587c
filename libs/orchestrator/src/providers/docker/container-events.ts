import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { onLines } from '../common/lines.js';
import type { ContainerEnding } from './ending.js';
import { ENGINE_LABEL, labelled } from './labels.js';

const MAX_EVENT = 64 * 1024;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5000;
/** As the kernel's out-of-memory killer leaves it, and others. */
const KILLED = 137;
/** Docker learns of an end and of what killed it by two ways: either may come first. */
const OUT_OF_MEMORY_MS = 200;
/** Of those whose memory was exhausted and whose end has not come: it came before, or they go on. */
const MAX_REMEMBERED = 1000;

export interface EventListeners {
  /** An engine's container has ended. May be told twice where the stream was cut. */
  readonly onEnd: (engineId: string, ending: ContainerEnding) => void;
  /** The stream is back after a cut: what happened meanwhile may be lost, if it was the daemon that ended. */
  readonly onReturn: () => void;
}

interface ContainerEvent {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly timeNano?: number;
}

/**
 * The ends of this deployment's containers, as the daemon tells them. A stream that is cut (socket proxies cut silent ones
 * after some minutes) is opened again from where it was.
 */
export class ContainerEvents {
  private readonly outOfMemory = new Set<string>();
  private stream: Readable | undefined;
  private opening: Promise<void> | undefined;
  /** Seconds since 1970 by the daemon's clock; 0: not known yet. */
  private since = 0;
  private closed = false;

  constructor(
    private readonly docker: Docker,
    private readonly deployment: string,
    private readonly listeners: EventListeners,
  ) {}

  /** Resolves once events are told. Rejects where the daemon does not answer. */
  async open(): Promise<void> {
    if (this.stream) return;
    this.opening ??= this.openNow();
    try {
      await this.opening;
    } finally {
      this.opening = undefined;
    }
  }

  close(): void {
    this.closed = true;
    this.stream?.destroy();
  }

  private async openNow(): Promise<void> {
    const filters = { type: ['container' as const], event: ['oom', 'die'], ...labelled(this.deployment) };
    const since = this.since === 0 ? {} : { since: this.since };
    const stream = (await this.docker.getEvents({ filters, ...since })) as unknown as Readable;
    if (this.since === 0) this.since = startOf(stream);
    if (this.closed) stream.destroy();
    else this.listen(stream);
  }

  private listen(stream: Readable): void {
    this.stream = stream;
    onLines(stream, MAX_EVENT, (line) => this.hear(line));
    const cut = () => {
      if (this.stream !== stream) return;
      this.stream = undefined;
      void this.reconnect();
    };
    stream.once('end', cut).once('close', cut).on('error', cut);
  }

  private async reconnect(): Promise<void> {
    for (let wait = FIRST_RETRY_MS; !this.closed; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      await delay(wait, undefined, { ref: false });
      try {
        await this.open();
        this.listeners.onReturn();
        return;
      } catch {
        // Tried again: the daemon is away.
      }
    }
  }

  private hear(line: string): void {
    const { Action: action, Actor: actor, timeNano } = parse(line);
    const id = actor?.Attributes?.[ENGINE_LABEL];
    if (id === undefined) return;
    if (timeNano !== undefined) this.since = Math.floor(timeNano / 1000) / 1e6;
    if (action === 'oom') this.remember(id);
    if (action !== 'die') return;
    const exitCode = Number(actor?.Attributes?.['exitCode'] ?? 0);
    if (exitCode === KILLED && !this.outOfMemory.has(id))
      setTimeout(() => this.tell(id, exitCode), OUT_OF_MEMORY_MS).unref();
    else this.tell(id, exitCode);
  }

  private remember(id: string): void {
    this.outOfMemory.add(id);
    const [eldest] = this.outOfMemory;
    if (this.outOfMemory.size > MAX_REMEMBERED) this.outOfMemory.delete(eldest!);
  }

  private tell(id: string, exitCode: number): void {
    const outOfMemory = this.outOfMemory.delete(id) && exitCode !== 0;
    if (!this.closed) this.listeners.onEnd(id, { exitCode, outOfMemory });
  }
}

/** When the daemon began to tell. */
function startOf(stream: Readable): number {
  const { headers = {} } = stream as { headers?: Record<string, string | undefined> };
  const date = Date.parse(headers['date'] ?? '');
  return Math.floor((Number.isNaN(date) ? Date.now() : date) / 1000);
}

function parse(line: string): ContainerEvent {
  try {
    return (JSON.parse(line) as ContainerEvent | null) ?? {};
  } catch {
    return {};
  }
}

import { PassThrough, type Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { parseEngineReport, type EngineReady, type EngineStep } from '@pondpilot/engine-api';
import { Deferred } from '../../deferred.js';
import { remember } from '../common/last-words.js';
import { onLines } from '../common/lines.js';
import type { Redactor } from '../common/redact.js';
import { demultiplex } from './demultiplex.js';

const MAX_LINE = 2000;
/** Of a report, which is read as a whole or not at all. */
const MAX_REPORT = 256 * 1024;

export interface OutputListeners {
  readonly clean: Redactor;
  readonly onLine: (line: string) => void;
  readonly onStep?: (step: EngineStep) => void;
}

/** What an engine writes, as it comes over the stream that is attached to its container. */
export class EngineOutput {
  /** The last of what it wrote to standard error, secrets blotted out. */
  lastWords = '';
  /** Resolves when the stream is over: the container has ended, or the connection to the daemon has. */
  readonly over: Promise<void>;
  private readonly reported = new Deferred<EngineReady>();

  constructor(
    private readonly stream: Duplex,
    private readonly listeners: OutputListeners,
  ) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    demultiplex(stream, stdout, stderr);
    onLines(stdout, MAX_REPORT, (line) => this.report(line));
    onLines(stderr, MAX_LINE, (line, cut) => this.hear(line, cut));
    this.over = new Promise((resolve) => {
      const end = () => {
        stdout.end();
        stderr.end(() => setImmediate(resolve));
      };
      stream.once('end', end).once('close', end).on('error', end);
    });
  }

  /** Writes to the engine's standard input. */
  write(text: string): void {
    this.stream.write(text);
  }

  /** The ports, once reported. Rejects with a reason for the log: too late, ended, or the engine's own. */
  async ready(timeoutMs: number, aborted: Promise<never>): Promise<EngineReady> {
    const stop = new AbortController();
    const late = delay(timeoutMs, undefined, { signal: stop.signal, ref: false }).then(() => {
      throw new Error(`The engine did not report its ports within ${timeoutMs} ms.${this.quote()}`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([this.reported.promise, late, aborted]);
    } finally {
      stop.abort();
    }
  }

  close(): void {
    this.stream.destroy();
  }

  quote(): string {
    const words = this.lastWords.trim();
    return words === '' ? '' : ` It last wrote: ${words}`;
  }

  private report(line: string): void {
    const report = parseEngineReport(line);
    if (report?.event === 'step') {
      this.listeners.onStep?.(report.step);
    } else if (report?.event === 'failed') {
      const message = this.listeners.clean(String(report.message)).slice(0, MAX_LINE);
      this.reported.reject(new Error(`The engine could not start: ${message}`));
    } else if (report && isPort(report.port) && isPort(report.controlPort)) {
      this.reported.resolve(report);
    } else if (report) {
      this.reported.reject(new Error('The engine reported ports that are none.'));
    }
  }

  private hear(line: string, cut: boolean): void {
    const clean = this.listeners.clean(line, cut);
    this.lastWords = remember(this.lastWords, clean);
    this.listeners.onLine(clean);
  }
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;
}

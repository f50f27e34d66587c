import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseEngineReport, type EngineLaunch, type EngineReady } from '@pondpilot/engine-api';
import { Deferred } from '../../deferred.js';
import type { LaunchStep } from '../../provider.js';
import type { EngineHome } from './engine-home.js';
import { describeEnding, type Ending } from './ending.js';
import { remember } from '../common/last-words.js';
import { onLines } from '../common/lines.js';
import { isZombie } from './proc.js';
import { redactor, type Redactor } from '../common/redact.js';
import type { Runtime } from './runtime.js';
import type { Sandbox } from './sandbox/sandbox.js';

const MAX_LINE = 2000;
/** Of a report, which is read as a whole or not at all. */
const MAX_REPORT = 256 * 1024;
const MAX_FILES = 4096;
const MAX_TASKS = 512;
const TERM_GRACE_MS = 2000;
/** A grandchild that holds the pipes must not hide its parent's end for longer than this. */
const PIPES_GRACE_MS = 250;
/**
 * A core dump would hold passwords; an engine has some forty threads and few files. Where fewer files are allowed already
 * it stays so. Processes count by user, so they are bounded where the user is the engine's own; shells name that `u` or `p`.
 */
const WITH_LIMITS = `
ulimit -c 0
ulimit -n ${MAX_FILES} 2>/dev/null
if [ "$0" = own ]; then (ulimit -u ${MAX_TASKS}) 2>/dev/null && ulimit -u ${MAX_TASKS} || ulimit -p ${MAX_TASKS}; fi
exec "$@"`;

export interface EngineProgram {
  readonly runtime: Runtime;
  readonly sandbox: Sandbox;
  readonly nodeArguments: readonly string[];
  readonly home: EngineHome;
  readonly launch: EngineLaunch;
  readonly onOutput: (line: string) => void;
  readonly onStep?: (step: LaunchStep) => void;
}

/** One engine as a child process, from its spawn to its end. */
export class EngineProcess {
  /** Resolves once the process is gone; never rejects. */
  readonly ended: Promise<Ending>;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly reported = new Deferred<EngineReady>();
  private readonly clean: Redactor;
  private lastWords = '';

  /** Spawns it; whether that worked is told by `ready`. */
  constructor(private readonly program: EngineProgram) {
    const { launch } = program;
    this.clean = redactor([launch.controlSecret], launch.databases);
    this.child = spawnEngine(program);
    this.ended = this.watchEnd();
    // Where the system has no more files to give Node makes no streams, whatever its types say; `ended` tells why.
    if ((this.child.stdin as unknown) === undefined) return;
    onLines(this.child.stdout, MAX_REPORT, (line) => this.report(line));
    onLines(this.child.stderr, MAX_LINE, (line, cut) => this.hear(line, cut));
    // An engine that is gone closes its input; its end is told by `ended`.
    this.child.stdin.on('error', () => {});
    this.child.stdin.write(`${JSON.stringify(launch)}\n`);
  }

  /** The ports, once reported. Rejects with a reason for the log: too late, ended, or the engine's own. */
  async ready(timeoutMs: number): Promise<EngineReady> {
    const stop = new AbortController();
    const late = delay(timeoutMs, undefined, { signal: stop.signal, ref: false }).then(() => {
      throw new Error(`The engine did not report its ports within ${timeoutMs} ms.${this.quote()}`);
    });
    try {
      return await Promise.race([this.reported.promise, late]);
    } finally {
      stop.abort();
    }
  }

  /** Does the system still have this process? */
  get exists(): boolean {
    const { pid } = this.child;
    if (pid === undefined || this.hasExited) return false;
    try {
      process.kill(pid, 0);
      return !isZombie(pid);
    } catch {
      return false;
    }
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Asks it to end, and kills it where it does not. */
  async terminate(): Promise<void> {
    this.signal('SIGTERM');
    const stop = new AbortController();
    const grace = delay(TERM_GRACE_MS, undefined, { signal: stop.signal }).catch(() => {});
    await Promise.race([this.ended, grace]);
    stop.abort();
    await this.kill();
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** To the whole process group, which is the engine's own. */
  private signal(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined || this.hasExited) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // Gone in this moment.
    }
  }

  private report(line: string): void {
    const report = parseEngineReport(line);
    if (report?.event === 'step') {
      this.program.onStep?.(report.step);
    } else if (report?.event === 'failed') {
      const message = this.clean(String(report.message)).slice(0, MAX_LINE);
      this.reported.reject(new Error(`The engine could not start: ${message}`));
    } else if (report && isPort(report.port) && isPort(report.controlPort)) {
      this.reported.resolve(report);
    } else if (report) {
      this.reported.reject(new Error('The engine reported ports that are none.'));
    }
  }

  private hear(line: string, cut: boolean): void {
    const clean = this.clean(line, cut);
    this.lastWords = remember(this.lastWords, clean);
    this.program.onOutput(clean);
  }

  private quote(): string {
    const words = this.lastWords.trim();
    return words === '' ? '' : ` It last wrote: ${words}`;
  }

  private async watchEnd(): Promise<Ending> {
    const { child } = this;
    const closed = once(child, 'close').catch(() => {});
    const exited = new Promise<Error | undefined>((resolve) => {
      child.once('error', resolve);
      child.once('exit', () => resolve(undefined));
    });
    const failure = await exited;
    await Promise.race([closed, delay(PIPES_GRACE_MS, undefined, { ref: false })]);
    const ending = { code: child.exitCode, signal: child.signalCode, lastWords: this.lastWords };
    const reason = failure
      ? `The engine could not be spawned: ${failure.message}.`
      : `The engine ended before it was ready: ${describeEnding(ending)}.`;
    this.reported.reject(new Error(reason + this.quote()));
    return ending;
  }
}

/**
 * The child gets nothing of the proxy's environment, and a process group of its own: Ctrl-C in a terminal reaches the
 * proxy alone, which then stops its engines in order.
 */
function spawnEngine({
  runtime,
  sandbox,
  nodeArguments,
  home,
  launch,
}: EngineProgram): ChildProcessWithoutNullStreams {
  const folder = launch.tempDirectory;
  // The folder is no use to the engine: it tells whose process it is, where its working directory can't be read.
  const program = [runtime.node, ...nodeArguments, runtime.entry, folder];
  const user = home.user === undefined ? 'shared' : 'own';
  return spawn('/bin/sh', ['-c', WITH_LIMITS, user, ...sandbox.command(program, launch)], {
    cwd: folder,
    env: { LANG: 'C.UTF-8', TZ: 'UTC', HOME: folder, TMPDIR: folder },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(home.user === undefined ? {} : { uid: home.user, gid: home.user }),
  });
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;
}

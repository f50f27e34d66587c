import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Runtime } from '../runtime.js';
import { callFilter, type Architecture } from './call-filter.js';
import { needsUnixSocket } from './database-rules.js';
import { engineRules, type EngineRulesOf } from './engine-rules.js';
import { firstStages, restricted, versionCommand, type FirstStage } from './first-stage.js';
import { Since } from './landlock.js';

/** What holds an engine back; the words that the log and the detailed health show. */
export type SandboxPart =
  /** A system user of its own. */
  | 'own_user'
  /** No core dumps, no swarms of processes, few open files. */
  | 'rlimits'
  /** No program that it starts has more rights than it. */
  | 'no_new_privileges'
  /** It reaches only the files that it needs, and writes to its own folder. */
  | 'landlock_fs'
  /** It connects by TCP only to the ports of its databases, and listens only where the system chooses. */
  | 'landlock_net'
  /** System calls that it needs not are refused: new processes, namespaces, changes of files' permissions, … */
  | 'seccomp'
  /** It signals no other process, and reaches no abstract socket of one. */
  | 'landlock_scope';

/** Whatever goes wrong, nobody waits longer for the answer whether it works. */
const TRY_MS = 10_000;
/** A program that prints `held` where it finds itself restricted as its arguments say, by Landlock and by a filter. */
const LOOKS_OUTSIDE = `
const fs = require('fs');
const [files, calls] = process.argv.slice(1).map((held) => held === 'true');
const can = (attempt) => { try { attempt(); return true; } catch (error) { return !/EACCES|EPERM/.test(error.code); } };
const wrong = (files && can(() => fs.readdirSync('/')) && 'Landlock') || (calls && can(() => fs.chmodSync('.', 0o700)) && 'seccomp');
if (wrong) { console.error('What ' + wrong + ' should hold back is still possible.'); process.exitCode = 1; }
else console.log('held');`;

const run = promisify(execFile);

/** How engines are shut in here, by Landlock and seccomp: found out once, by trying. Without both they run all the same. */
export class Sandbox {
  private constructor(
    private readonly runtime: Runtime,
    private readonly stage: FirstStage | undefined,
    /** 0: without Landlock. */
    private readonly abi: number,
    private readonly filters: boolean,
    /** Why it is not all that it could be. */
    readonly problem: string | undefined,
  ) {}

  /** Tries it with the program that engines run. `folder` stands for that of an engine. Never rejects. */
  static async find(
    runtime: Runtime,
    folder: string,
    stages: readonly FirstStage[] = firstStages(runtime.node, runtime.entry),
  ): Promise<Sandbox> {
    let problem: string | undefined;
    for (const stage of stages) {
      for (const [abi, filters] of await kindsOf(stage)) {
        if (abi === 0) problem ??= NO_LANDLOCK;
        const sandbox = new Sandbox(runtime, stage, abi, filters, problem);
        const failure = await sandbox.failure(folder);
        if (failure === undefined) return sandbox;
        problem ??= failure;
      }
    }
    return new Sandbox(
      runtime,
      undefined,
      0,
      false,
      problem ?? 'Engines are shut in on Linux alone, on x64 and arm64.',
    );
  }

  /** What the kernel holds back here. */
  get parts(): readonly SandboxPart[] {
    const { abi, filters, stage } = this;
    const parts: [boolean, SandboxPart][] = [
      [stage !== undefined, 'no_new_privileges'],
      [abi >= Since.files, 'landlock_fs'],
      [abi >= Since.ports, 'landlock_net'],
      [abi >= Since.scopes, 'landlock_scope'],
      [filters, 'seccomp'],
    ];
    return parts.filter(([held]) => held).map(([, part]) => part);
  }

  /** The command that runs a program shut in, with what an engine launched so needs. */
  command(program: readonly string[], launch: EngineRulesOf): readonly string[] {
    const { stage, abi, filters, runtime } = this;
    if (!stage) return program;
    const filter = filters
      ? callFilter(process.arch as Architecture, needsUnixSocket(launch.databases))
      : undefined;
    return restricted(stage, { abi, rules: engineRules(runtime, launch), filter }, program);
  }

  private async failure(folder: string): Promise<string | undefined> {
    const program = [this.runtime.node, '-e', LOOKS_OUTSIDE, String(this.abi > 0), String(this.filters)];
    try {
      const told = await attempt(this.command(program, { tempDirectory: folder, databases: [] }), folder);
      return told.trim() === 'held' ? undefined : 'The first stage did not start the program.';
    } catch (error) {
      return reasonOf(error);
    }
  }
}

const NO_LANDLOCK =
  'The kernel has no Landlock (Linux 5.13 and later have it, unless switched off), or forbids it here.';

/** What to try, the strictest first: the version of Landlock or 0 for none of it, and whether to filter. */
async function kindsOf(stage: FirstStage): Promise<[abi: number, filters: boolean][]> {
  const abis = new Set([await versionOf(stage), 0]);
  return [...abis].flatMap((abi): [number, boolean][] => [
    [abi, true],
    [abi, false],
  ]);
}

/** 0 where there is none. */
async function versionOf(stage: FirstStage): Promise<number> {
  const answer = await attempt(versionCommand(stage), '/').catch(() => '0');
  return Math.max(Number(answer.trim()) || 0, 0);
}

async function attempt([program = '', ...rest]: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await run(program, rest, { timeout: TRY_MS, killSignal: 'SIGKILL', env: {}, cwd });
  return stdout;
}

/** One line: what the program that failed wrote last says more than that its command failed, which is long. */
function reasonOf(error: unknown): string {
  const { stderr = '', message } = error as Error & { stderr?: string };
  return (stderr.trim() || message).split('\n').at(-1)!.slice(0, 300);
}

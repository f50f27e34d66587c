import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Runtime } from '../runtime.js';
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
  /** It signals no other process, and reaches no abstract socket of one. */
  | 'landlock_scope';

/** Whatever goes wrong, nobody waits longer for the answer whether it works. */
const TRY_MS = 10_000;
/** A program that ends well only where something that everyone may read can't be read. */
const LOOKS_OUTSIDE = `
try { require('fs').readdirSync('/'); } catch (error) { process.exit(error.code === 'EACCES' ? 0 : 1); }
console.error('What Landlock should hold back is still possible.');
process.exit(1);`;

const run = promisify(execFile);

/** How engines are shut in here, by Landlock: found out once, by trying. Where it can't be they run all the same. */
export class Sandbox {
  private constructor(
    private readonly runtime: Runtime,
    private readonly stage: FirstStage | undefined,
    private readonly abi: number,
    /** Why there is none. */
    readonly problem: string | undefined,
  ) {}

  /** Tries it with the program that engines run. `folder` stands for that of an engine. Never rejects. */
  static async find(
    runtime: Runtime,
    folder: string,
    stages: readonly FirstStage[] = firstStages(runtime.node, runtime.entry),
  ): Promise<Sandbox> {
    let problem = 'Engines are shut in on Linux alone, on x64 and arm64.';
    for (const stage of stages) {
      try {
        const abi = await versionOf(stage);
        const sandbox = new Sandbox(runtime, stage, abi, undefined);
        await attempt(sandbox.command([runtime.node, '-e', LOOKS_OUTSIDE], { tempDirectory: folder, databases: [] }));
        return sandbox;
      } catch (error) {
        problem = reasonOf(error);
      }
    }
    return new Sandbox(runtime, undefined, 0, problem);
  }

  /** What Landlock holds back here. */
  get parts(): readonly SandboxPart[] {
    const { abi } = this;
    if (!this.stage) return [];
    return [
      'no_new_privileges',
      'landlock_fs',
      ...(abi >= Since.ports ? (['landlock_net'] as const) : []),
      ...(abi >= Since.scopes ? (['landlock_scope'] as const) : []),
    ];
  }

  /** The command that runs a program shut in, with what an engine launched so needs. */
  command(program: readonly string[], launch: EngineRulesOf): readonly string[] {
    if (!this.stage) return program;
    return restricted(this.stage, this.abi, engineRules(this.runtime, launch), program);
  }
}

async function versionOf(stage: FirstStage): Promise<number> {
  const version = Number((await attempt(versionCommand(stage))).trim());
  if (version >= Since.files) return version;
  throw new Error('The kernel has no Landlock (Linux 5.13 and later have it, unless switched off), or forbids it here.');
}

async function attempt([program = '', ...rest]: readonly string[]): Promise<string> {
  const { stdout } = await run(program, rest, { timeout: TRY_MS, killSignal: 'SIGKILL', env: {}, cwd: '/' });
  return stdout;
}

/** One line: what the program that failed wrote last says more than that its command failed, which is long. */
function reasonOf(error: unknown): string {
  const { stderr = '', message } = error as Error & { stderr?: string };
  return (stderr.trim() || message).split('\n').at(-1)!.slice(0, 300);
}

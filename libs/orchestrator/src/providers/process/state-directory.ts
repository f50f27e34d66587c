import { messageOf, randomId } from '@pondpilot/kernel';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { closedParent } from './closed-parent.js';
import { argumentsOf, processIds, startTime, workingDirectory } from './proc.js';

const PROXY_FOLDER = /^proxy-(\d+)-(\d+)-[0-9a-f]+$/;
/** Folders named like this hold the program that engines run. */
export const RUNTIME_PREFIX = 'runtime-';
/** Engines of other users pass through, but see no names. */
const PASS_THROUGH = 0o711;

/**
 * The provider's part of the file system:
 *
 *     <state directory>/runtime-<fingerprint>/      what engines run, where it had to be staged
 *     <state directory>/proxy-<pid>-<start>-<random>/<engine id>/   an engine's own folder
 *
 * A proxy that was killed leaves its folder; the next one knows by process id and start time that it is dead.
 */
export class StateDirectory {
  readonly folder: string;

  constructor(readonly path: string) {
    this.folder = join(path, `proxy-${process.pid}-${startTime(process.pid) ?? 0}-${randomId(4)}`);
  }

  /**
   * Makes the proxy's folder and sweeps what dead proxies left. Throws where the directory can't be used, and says
   * what to do; with `ownUser` engines of other users must be able to pass to their folders.
   */
  async open(ownUser: boolean): Promise<void> {
    try {
      const made = await mkdir(this.path, { recursive: true, mode: PASS_THROUGH });
      if (made !== undefined) await chmod(this.path, PASS_THROUGH);
      await this.refuseUnsafe();
      await mkdir(this.folder, { recursive: true, mode: PASS_THROUGH });
      await chmod(this.folder, PASS_THROUGH);
    } catch (error) {
      throw new Error(
        `The state directory ${this.path} can't be used: ${messageOf(error)}. Make it writable for user ` +
          `${process.getuid?.()} alone, or choose another.`,
        { cause: error },
      );
    }
    const closed = ownUser ? await closedParent(join(this.folder, 'engine')) : undefined;
    if (closed !== undefined) {
      throw new Error(
        `Engines run as users of their own and can't pass ${closed} on the way to their folders: ` +
          `chmod o+x ${closed}, or choose a state directory elsewhere.`,
      );
    }
    await this.sweep();
  }

  /** What lies here is run: nobody else may write to it. */
  private async refuseUnsafe(): Promise<void> {
    const { uid, mode } = await stat(this.path);
    if (uid !== process.getuid?.()) throw new Error(`it belongs to user ${uid}`);
    if ((mode & 0o022) !== 0) throw new Error('others may write to it');
  }

  engineFolder(engineId: string): string {
    return join(this.folder, engineId);
  }

  /** Ids of the engines of which something is here. */
  async engineIds(): Promise<string[]> {
    return (await readdir(this.folder).catch(() => [])).filter((name) => !name.startsWith(RUNTIME_PREFIX));
  }

  /** Owners of all engines' folders, those of other proxies included. */
  async folderOwners(): Promise<number[]> {
    const owners: number[] = [];
    for (const proxy of await this.proxyFolders()) {
      for (const name of await readdir(proxy).catch(() => [])) {
        const found = await stat(join(proxy, name)).catch(() => undefined);
        if (found) owners.push(found.uid);
      }
    }
    return owners;
  }

  /** Removes the proxy's folder; the staged program stays for the next proxy. */
  async close(): Promise<void> {
    if (existsSync(this.folder)) await rm(this.folder, { recursive: true, force: true });
  }

  private async proxyFolders(): Promise<string[]> {
    const names = await readdir(this.path).catch(() => []);
    return names.filter((name) => PROXY_FOLDER.test(name)).map((name) => join(this.path, name));
  }

  private async sweep(): Promise<void> {
    const folders = await this.proxyFolders();
    const dead = folders.filter((folder) => !livesOn(folder));
    for (const folder of dead) {
      killWorkingIn(folder);
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Marks a staged program as in use by this proxy for as long as it lives. */
  async useRuntime(runtime: string): Promise<void> {
    await writeFile(join(this.folder, basename(runtime)), '');
  }

  /** Removes the staged programs that no living proxy has marked: each is some hundred megabytes. */
  async dropUnusedRuntimes(): Promise<void> {
    const folders = await this.proxyFolders();
    const marks = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
    const used = new Set(marks.flat());
    for (const name of await readdir(this.path)) {
      if (name.startsWith(RUNTIME_PREFIX) && !used.has(name))
        await rm(join(this.path, name), { recursive: true, force: true });
    }
  }
}

/** Does the proxy that made this folder still run? */
function livesOn(folder: string): boolean {
  const [, pid, started] = PROXY_FOLDER.exec(folder.slice(dirname(folder).length + 1))!;
  if (startTime(process.pid) !== undefined) return startTime(Number(pid)) === started;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * An engine works in its own folder: whoever still does so after its proxy's death was left over. Engines hide where they
 * work from all but root, but not their arguments, the last of which is their folder.
 */
function killWorkingIn(folder: string): void {
  for (const pid of processIds()) {
    const works = workingDirectory(pid) ?? argumentsOf(pid).at(-1);
    if (!works?.startsWith(folder + sep)) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

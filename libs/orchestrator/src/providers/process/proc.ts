import { readFileSync, readlinkSync, readdirSync } from 'node:fs';

/** What Linux tells about processes in /proc (proc(5)). On other systems there is nothing to read, and nothing found. */

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Ids of all processes that can be seen. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** When a process started, in clock ticks since boot: with the id it names a process for good. Undefined: no such process. */
export function startTime(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may hold anything; the start time is the 22nd field.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[19];
}

/** Has it ended, but is not yet collected by its parent? */
export function isZombie(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== undefined && stat[stat.lastIndexOf(')') + 2] === 'Z';
}

/** Every user and group id that some process has: real, effective, saved or for files. */
export function idsInUse(): Set<number> {
  const ids = new Set<number>();
  for (const pid of processIds()) {
    const status = read(`/proc/${pid}/status`) ?? '';
    for (const [, list] of status.matchAll(/^(?:Uid|Gid|Groups):[\t ]*(.*)$/gm)) {
      for (const id of list!.match(/\d+/g) ?? []) ids.add(Number(id));
    }
  }
  return ids;
}

/** The folder in which a process works; undefined where it can't be seen. */
export function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** The arguments of a process, its program first; none where it can't be seen. */
export function argumentsOf(pid: number): string[] {
  return (read(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
}

/** How many processes the kernel has killed since boot because memory ran out. */
export function outOfMemoryKills(): number {
  return Number(/^oom_kill (\d+)$/m.exec(read('/proc/vmstat') ?? '')?.[1] ?? 0);
}

// Bits of capabilities(7).
const CAP_CHOWN = 0n;
const CAP_DAC_OVERRIDE = 1n;
const CAP_KILL = 5n;
const CAP_SETGID = 6n;
const CAP_SETUID = 7n;

/** May this process run others under users up to `highestId`, and clean up after them? Root in a container may lack that. */
export function mayChangeUsers(highestId: number): boolean {
  if (process.getuid?.() !== 0) return false;
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (effective === undefined) return false;
  const needed = [CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID];
  const capable = needed.every((bit) => (BigInt(`0x${effective}`) >> bit) & 1n);
  return (
    capable && ['/proc/self/uid_map', '/proc/self/gid_map'].every((map) => covers(read(map) ?? '', highestId))
  );
}

function covers(map: string, id: number): boolean {
  return map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , length = 0]) => first <= id && id < first + length);
}

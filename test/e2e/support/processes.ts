import { readFileSync, readdirSync } from 'node:fs';

interface ProcessState {
  readonly parent: number;
  /** `Z`: ended, but not yet fetched by its parent. */
  readonly state: string;
  /** CPU time used so far, in clock ticks of 10 ms. */
  readonly ticks: number;
}

/** What Linux says of a process (man 5 proc); undefined where there is none. */
export function processState(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

export function runs(pid: number): boolean {
  const state = processState(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** All processes that this one started, directly or not. */
export function descendants(pid: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = all.filter((each) => processState(each)?.parent === pid && runs(each));
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Bytes of memory in use. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** User id that a process runs under. */
export function userOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Names and values of the environment that a process was started with; none where it hides that from all but root. */
export function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return [];
    throw error;
  }
}

/** The command line that a process was started with. */
export function argumentsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
}

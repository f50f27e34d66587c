import { readFileSync, readdirSync } from 'node:fs';

/** Linux counts CPU time in these, whatever the kernel's own clock (sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

export const residentMb = (pid) => Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(pid))?.[1]) / 1024);

/** CPU seconds that a process has taken so far, in user mode and in the kernel. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before it may hold anything. utime and stime are fields 14 and 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Ids of the processes that this one started. */
export function childrenOf(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((each) => new RegExp(`^PPid:\\s+${pid}$`, 'm').test(statusOf(each)));
}

/** What Linux says of a process; empty where it ended. */
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

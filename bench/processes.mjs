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
const statusOf = (pid) => fileOf(pid, 'status');

/** Ids of the engines' processes of which this holds, told of each its parent's id and its cgroups. */
export function enginesWith(holds) {
  return (
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && fileOf(name, 'cmdline').includes('engine.mjs'))
      // Docker's own init has the engine's command line behind its own.
      .filter((pid) => !fileOf(pid, 'comm').includes('init'))
      .filter((pid) => holds(Number(pid), parentOf(pid), fileOf(pid, 'cgroup')))
      .map(Number)
  );
}

/** MB of a process: resident, and of those what it shares with nobody. */
export function memoryOf(pid) {
  const rollup = fileOf(pid, 'smaps_rollup');
  const mb = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
  return { resident: mb('Rss'), own: mb('Private_Clean') + mb('Private_Dirty') };
}

const parentOf = (pid) => Number(/^PPid:\s+(\d+)/m.exec(statusOf(pid))?.[1]);

function fileOf(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

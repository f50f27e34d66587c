import { readFileSync, readdirSync } from 'node:fs';

export const residentMb = (pid) => Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(pid))?.[1]) / 1024);

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

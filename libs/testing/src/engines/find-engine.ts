import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CLOSED_CONNECTIONS } from './behaviours.js';

/** Process id of a `process` engine, by the folder that it works in, which is its last argument; undefined where there is none (Linux). */
export function enginePid(engineId: string): number | undefined {
  return readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .find((pid) => basename(lastArgument(pid)) === engineId);
}

/** Ids of the connections that a fake `process` engine was told the end of (Linux). */
export function closedConnections(engineId: string): string[] {
  const file = `/proc/${enginePid(engineId)}/cwd/${CLOSED_CONNECTIONS}`;
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

/** The real engine hides where it works from its own user. */
function lastArgument(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').at(-2) ?? '';
  } catch {
    return '';
  }
}

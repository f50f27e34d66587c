import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Process id of a `process` engine, by the folder that it works in; undefined where there is none (Linux). */
export function enginePid(engineId: string): number | undefined {
  return readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .find((pid) => basename(workingDirectory(pid)) === engineId);
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

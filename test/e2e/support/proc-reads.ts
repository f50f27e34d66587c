import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argumentsOf, runs } from './processes.js';
import { until } from './until.js';

/** What debuggers and `gcore` read of a process (man 5 proc). */
const FILES = [
  'environ',
  'mem',
  'maps',
  'smaps',
  'auxv',
  'pagemap',
  'syscall',
  'fd',
  'cwd',
  'exe',
  'map_files',
];
/** Opens each; links and folders by what they hold. */
const SCRIPT = `for file in ${FILES.join(' ')}; do
  path=/proc/$1/$file
  case $file in
    fd | map_files) ls $path/ ;;
    cwd | exe) readlink $path ;;
    *) (exec < $path) ;;
  esac > /dev/null 2>&1 && echo $file
done; true`;

/** Those of `FILES` that a program of this user can open, which nothing else holds back. */
export function openedBy(user: number, pid: number): string[] {
  const as = process.getuid?.() === 0 ? { uid: user, gid: user } : {};
  const { stdout, status, stderr } = spawnSync('/bin/sh', ['-c', SCRIPT, 'sh', String(pid)], {
    ...as,
    cwd: '/',
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').filter(Boolean);
}

/** A process of this user that hides nothing; and its folder. */
export async function startPlain(user: number): Promise<{ pid: number; folder: string; end: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'plain-'));
  chmodSync(folder, 0o777);
  const as = process.getuid?.() === 0 ? { uid: user, gid: user } : {};
  const child = spawn('/bin/sh', ['-c', 'ulimit -c unlimited; exec sleep 600'], { ...as, cwd: folder });
  const end = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  // It is still the shell at first.
  await until('the process has started', () => argumentsOf(child.pid!)[0] === 'sleep');
  return { pid: child.pid!, folder, end };
}

/** Names of the files that are made in this folder, and left in it or not, while the signal ends the process. */
export async function madeAtDeath(
  pid: number,
  folder: string,
  signal: 'SIGABRT' | 'SIGSEGV',
): Promise<string[]> {
  const made = new Set<string>();
  const watcher = watch(folder, (_event, name) => made.add(String(name)));
  try {
    process.kill(pid, signal);
    await until('the process has ended', () => !runs(pid));
    // What has happened by then is told by now.
    await new Promise((done) => setTimeout(done, 200));
    return [...made];
  } finally {
    watcher.close();
  }
}

/** Command lines of all processes, as anybody sees them. */
export function processList(): string {
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        // It has ended meanwhile.
        return '';
      }
    });
  return lines.join('\n');
}

import { readFileSync } from 'node:fs';
import koffi from 'koffi';

const RLIMIT_DATA = 2;
/** Room above the memory that statements may use: what threads yet to come reserve. */
const SLACK = 1.25;

/**
 * Bounds what this process may still take of writable memory: a statement that takes gigabytes at once, faster than
 * anybody can look, then fails, or this process does, instead of the machine's. To be called when all is loaded, since
 * what V8 has reserved for code by then, half a gigabyte for each of its heaps, counts as taken.
 */
export function limitData(memoryBytes: number): void {
  if (process.platform !== 'linux') return;
  const taken = /^VmData:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (taken === undefined) return;
  const limit = BigInt(Number(taken) * 1024 + Math.ceil(memoryBytes * SLACK));
  const setrlimit = koffi.load('libc.so.6').func('setrlimit', 'int', ['int', 'void *']);
  setrlimit(RLIMIT_DATA, new Uint8Array(BigUint64Array.of(limit, limit).buffer));
}

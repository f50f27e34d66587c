import { readFileSync } from 'node:fs';
import koffi from 'koffi';

const RLIMIT_DATA = 2;
/** Room above the memory that statements may use. */
const SLACK = 1.25;
/** What a thread takes of it before it does anything: 22 MB are reserved by V8, and its allocator has a heap of its own. */
const THREAD_BYTES = 32 * 1024 ** 2;

/**
 * Bounds what this process may still take of writable memory: a statement that takes gigabytes at once, faster than
 * anybody can look, then fails, or this process does, instead of the machine's.
 */
export class DataLimit {
  private soft: number | undefined;
  private hard = 0;

  /** @param threads how many may be started later */
  constructor(private readonly threads: number) {}

  /**
   * To be called when all is loaded, since what V8 has reserved for code by then, half a gigabyte for each of its heaps,
   * counts as taken.
   */
  set(memoryBytes: number): void {
    if (process.platform !== 'linux') return;
    const taken = /^VmData:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (taken === undefined) return;
    this.soft = Number(taken) * 1024 + Math.ceil(memoryBytes * SLACK);
    this.hard = this.soft + this.threads * THREAD_BYTES;
    this.apply(this.soft);
  }

  /** Room for a thread that is about to be started: without it V8 would abort the process, since statements had it all. */
  makeRoomForThread(): void {
    if (this.soft !== undefined) this.apply(Math.min(this.soft + THREAD_BYTES, this.hard));
  }

  private apply(soft: number): void {
    this.soft = soft;
    const setrlimit = koffi.load('libc.so.6').func('setrlimit', 'int', ['int', 'void *']);
    setrlimit(RLIMIT_DATA, new Uint8Array(BigUint64Array.of(BigInt(soft), BigInt(this.hard)).buffer));
  }
}

import type { Clock } from '@pondpilot/kernel';

const LOOK_EVERY_MS = 100;
/** So far above its limit the process ends at once: at this pace the machine's memory would be next. */
const KILL_FACTOR = 1.5;
/** What an interrupted statement has to give its memory back. */
const RELEASE_MS = 2000;

export interface MemoryWatchParts {
  readonly clock: Clock;
  readonly limitBytes: number;
  /** Bytes that the process has resident now. */
  readonly residentBytes: () => number;
  /** Gives back to the system what is free already. */
  readonly release: () => void;
  /** Stops all statements, for want of memory. */
  readonly interrupt: () => void;
  /** Ends the process at once; called once. */
  readonly end: (reason: string) => void;
}

/**
 * Holds the process to its memory. DuckDB bounds its buffers, but not the strings and lists that a single function call
 * makes: `repeat('x', 1e9)` takes gigabytes of whatever the limit. Above the limit statements are interrupted; where
 * that does not help, or it goes too fast, the process ends, and with it only its own user's work. What allocators keep for
 * the next statement is nobody's fault, and is given back before.
 */
export function watchMemory({
  clock,
  limitBytes,
  residentBytes,
  release,
  interrupt,
  end,
}: MemoryWatchParts): () => void {
  let aboveSince: number | undefined;
  const endOnce = (reason: string) => {
    stop();
    end(reason);
  };
  const stop = clock.every(LOOK_EVERY_MS, () => {
    const resident = residentBytes();
    if (resident > limitBytes * KILL_FACTOR)
      return endOnce(`out of memory: ${resident} bytes of ${limitBytes}`);
    if (resident > limitBytes) release();
    const left = residentBytes();
    if (left <= limitBytes) {
      aboveSince = undefined;
      return;
    }
    aboveSince ??= clock.now();
    if (clock.now() - aboveSince >= RELEASE_MS)
      return endOnce(`out of memory: ${left} bytes stay of ${limitBytes}`);
    // Those too that have come since: they would hold on to what is being given back.
    interrupt();
  });
  return stop;
}

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
  /** Stops all statements, for want of memory. */
  readonly interrupt: () => void;
  /** Ends the process at once; called once. */
  readonly end: (reason: string) => void;
}

/**
 * Holds the process to its memory. DuckDB bounds its buffers, but not the strings and lists that a single function call
 * makes: `repeat('x', 1e9)` takes gigabytes of whatever the limit. Above the limit statements are interrupted; where
 * that does not help, or it goes too fast, the process ends, and with it only its own user's work.
 */
export function watchMemory({
  clock,
  limitBytes,
  residentBytes,
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
    if (resident <= limitBytes) aboveSince = undefined;
    else if (resident > limitBytes * KILL_FACTOR)
      endOnce(`out of memory: ${resident} bytes of ${limitBytes}`);
    else if (aboveSince === undefined) {
      aboveSince = clock.now();
      interrupt();
    } else if (clock.now() - aboveSince >= RELEASE_MS)
      endOnce(`out of memory: ${resident} bytes stay of ${limitBytes}`);
  });
  return stop;
}

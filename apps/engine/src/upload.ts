import type { IpcMessage } from '@pondpilot/flight-sql';
import { DomainError, type Clock } from '@pondpilot/kernel';
import { unlessAborted } from './unless-aborted.js';

/** What an upload may take. */
export interface UploadLimit {
  readonly clock: Clock;
  /** How long its client may send nothing. */
  readonly streamStallMs: number;
}

/**
 * The messages of a client as they come. Rejects where the statement is to end, and with `deadline_exceeded` where the
 * client sends nothing for too long: an upload that rests holds its tables.
 */
export async function* upload(
  input: AsyncIterable<IpcMessage>,
  signal: AbortSignal,
  { clock, streamStallMs }: UploadLimit,
): AsyncGenerator<IpcMessage> {
  const messages = input[Symbol.asyncIterator]();
  for (;;) {
    const stalled = new AbortController();
    const cancel = clock.after(streamStallMs, () =>
      stalled.abort(
        new DomainError(
          'deadline_exceeded',
          `Nothing of the data came for ${streamStallMs} ms (limits.stream_stall).`,
        ),
      ),
    );
    try {
      const next = await unlessAborted(messages.next(), AbortSignal.any([signal, stalled.signal]));
      if (next.done) return;
      yield next.value;
    } finally {
      cancel();
    }
  }
}

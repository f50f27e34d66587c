import type { ArrowMessage, Result } from '@pondpilot/duckdb';
import { frameFlightDataHeader, frameFlightDataInPlace, type ServerCall } from '@pondpilot/flight-sql';
import { DomainError, type Clock } from '@pondpilot/kernel';
import type { RunningStatement } from './activity.js';

/** Bytes that the result of a statement which is no query may have: it is kept until it is fetched. */
const KEPT_RESULT_BYTES = 32 * 1024 * 1024;

/** How long a client may read nothing of its result. */
export interface StallLimit {
  readonly clock: Clock;
  readonly streamStallMs: number;
}

/**
 * Sends a result as FlightData. Rejects with `deadline_exceeded` where its client reads nothing for too long; what was
 * not sent is dropped then. The schema comes first, unless another result of the same schema was sent before.
 */
export async function sendResult(
  result: Result,
  call: ServerCall,
  statement: RunningStatement,
  signal: AbortSignal,
  limit: StallLimit,
): Promise<void> {
  if (!call.answered) await call.send(frameFlightDataHeader(result.schema));
  for (let message = await result.next(); message; message = await result.next()) {
    statement.rows += message.rows;
    statement.bytes += message.bodyBytes;
    await unlessStalled(call, call.send(frameFlightDataInPlace(message), message.release), limit);
    signal.throwIfAborted();
  }
}

async function unlessStalled(
  call: ServerCall,
  sent: Promise<void>,
  { clock, streamStallMs }: StallLimit,
): Promise<void> {
  let cancel = () => {};
  const stalled = new Promise<never>((_, reject) => {
    cancel = clock.after(streamStallMs, () => {
      call.abandon();
      reject(
        new DomainError(
          'deadline_exceeded',
          `Nothing of the result was read for ${streamStallMs} ms (limits.stream_stall).`,
        ),
      );
    });
  });
  try {
    await Promise.race([sent, stalled]);
  } finally {
    cancel();
  }
}

/** All frames of a result. Rejects with `resource_exhausted` where it is too large to be kept. */
export async function keepResult(result: Result): Promise<Buffer[]> {
  const frames = [frameFlightDataHeader(result.schema)];
  let bytes = 0;
  for (let message = await result.next(); message; message = await result.next()) {
    bytes += message.bodyBytes;
    frames.push(copyFrame(message));
    if (bytes > KEPT_RESULT_BYTES)
      throw new DomainError(
        'resource_exhausted',
        `The statement has run, but its result is larger than ${KEPT_RESULT_BYTES} bytes. Only queries may return more.`,
      );
  }
  return frames;
}

function copyFrame(message: ArrowMessage): Buffer {
  try {
    return Buffer.from(frameFlightDataInPlace(message));
  } finally {
    message.release();
  }
}

import type { ArrowMessage, Result } from '@pondpilot/duckdb';
import { frameFlightDataHeader, frameFlightDataInPlace, type ServerCall } from '@pondpilot/flight-sql';
import { DomainError, type Clock } from '@pondpilot/kernel';
import type { RunningStatement } from './activity.js';
import { unlessAborted } from './unless-aborted.js';

/** Bytes that the result of a statement which is no query may have: it is kept until it is fetched. */
const KEPT_RESULT_BYTES = 32 * 1024 * 1024;

/** Copying so much is cheaper than a write of its own. */
const SMALL_BYTES = 64 * 1024;

/** What a result may take. */
export interface ResultLimits {
  readonly clock: Clock;
  /** How long its client may read nothing of it. */
  readonly streamStallMs: number;
  /** 0: any number. */
  readonly resultRows: number;
  readonly resultBytes: number;
}

/**
 * Sends a result as FlightData. Rejects with `resource_exhausted` where it is too large, and with `deadline_exceeded`
 * where its client reads nothing for too long; what was not sent is dropped then. The schema comes first, unless another result of the same schema was sent before.
 */
export async function sendResult(
  result: Result,
  call: ServerCall,
  statement: RunningStatement,
  signal: AbortSignal,
  limit: ResultLimits,
): Promise<void> {
  let schema = call.answered ? undefined : frameFlightDataHeader(result.schema);
  for (let message = await result.next(); message; message = await result.next()) {
    statement.rows += message.rows;
    statement.bytes += message.bodyBytes;
    requireWithin(statement, limit, message);
    const frame = frameFlightDataInPlace(message);
    const before: Buffer | undefined = schema;
    schema = undefined;
    await taken(call, send(call, before, frame, message), signal, limit);
    signal.throwIfAborted();
  }
  if (schema) await call.send(schema);
}

/** Each write wakes the proxy and then the client: a small first batch goes with the schema. */
async function send(
  call: ServerCall,
  schema: Buffer | undefined,
  batch: Buffer,
  { release }: ArrowMessage,
): Promise<void> {
  if (schema && batch.byteLength <= SMALL_BYTES) {
    const both = Buffer.concat([schema, batch]);
    release();
    return call.send(both);
  }
  if (schema) await call.send(schema);
  return call.send(batch, release);
}

/** Throws where the message is one too many; it is released then. */
function requireWithin(
  { rows, bytes }: RunningStatement,
  { resultRows, resultBytes }: ResultLimits,
  message: ArrowMessage,
): void {
  const rowsOver = resultRows > 0 && rows > resultRows;
  if (!rowsOver && (resultBytes === 0 || bytes <= resultBytes)) return;
  message.release();
  const over = rowsOver
    ? `${resultRows} rows (limits.result_rows)`
    : `${resultBytes} bytes (limits.result_bytes)`;
  throw new DomainError(
    'resource_exhausted',
    `The result has more than ${over}. Filter or aggregate it, or use LIMIT.`,
  );
}

/**
 * Waits until the client has taken what was sent. Rejects where the statement is to end, and where its client takes
 * nothing for too long; the call is cut then in either case, since its status could not reach the client.
 */
async function taken(
  call: ServerCall,
  sent: Promise<void>,
  signal: AbortSignal,
  { clock, streamStallMs }: ResultLimits,
): Promise<void> {
  const ends = new AbortController();
  const cancel = clock.after(streamStallMs, () => {
    call.abandon();
    ends.abort(
      new DomainError(
        'deadline_exceeded',
        `Nothing of the result was read for ${streamStallMs} ms (limits.stream_stall).`,
      ),
    );
  });
  void sent.then(cancel, cancel);
  await unlessAborted(sent, AbortSignal.any([signal, ends.signal]));
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

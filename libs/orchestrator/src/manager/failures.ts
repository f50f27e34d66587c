import { DomainError, messageOf } from '@pondpilot/kernel';

/** A limit on engines that is reached. */
export interface Limit {
  readonly max: number;
  /** The setting behind it, as it stands in the configuration. */
  readonly setting: string;
}

/** What a user reads of a start that failed; why it failed is in `cause`, for the log. */
export function startFailed(error: unknown, retryAfterMs: number): DomainError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new DomainError(
    'unavailable',
    `Your query engine could not be started. Try again in ${seconds} s; if that does not help, the operator finds ` +
      'the reason in the log under "Container spawn failed".',
    { cause: error, retryAfterMs },
  );
}

export function shuttingDown(): DomainError {
  return new DomainError('unavailable', 'The server is shutting down. Try again in a moment.', {
    retryAfterMs: 1000,
  });
}

export function clientGone(): DomainError {
  return new DomainError('cancelled', 'The client went away before its engine was ready.');
}

const FULL_RETRY_MS = 5000;

/** After a wait in the queue. `place` counts from 1. */
export function waitedInVain({ max, setting }: Limit, place: number, waitedMs: number): DomainError {
  return new DomainError(
    'resource_exhausted',
    `All ${max} query engines that "${setting}" allows were in use for ${waitedMs / 1000} s, and you were still number ` +
      `${place} of those who wait. Try again in a moment, or ask the operator to raise it.`,
    { retryAfterMs: FULL_RETRY_MS },
  );
}

export function queueFull({ max, setting }: Limit, maxQueue: number): DomainError {
  const others =
    maxQueue === 0 ? '"containers.queue_size" lets nobody wait' : `${maxQueue} users wait already`;
  return new DomainError(
    'resource_exhausted',
    `All ${max} query engines that "${setting}" allows are in use, and ${others}. Try again in a moment, or ask the ` +
      'operator to raise it.',
    { retryAfterMs: FULL_RETRY_MS },
  );
}

const MAX_REASON = 1000;

/** The reason of a failed start as the log shows it, in one line: a provider puts it into `cause`. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof DomainError ? error.cause : undefined;
  return messageOf(cause ?? error)
    .replaceAll(/\s+/g, ' ')
    .slice(0, MAX_REASON);
}

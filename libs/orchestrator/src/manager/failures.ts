import { DomainError, messageOf } from '@pondpilot/kernel';
import type { Waiting } from '../orchestrator.js';
import { inSeconds, waitedFor } from '../wait-words.js';

/** A limit on engines that is reached. */
export interface Limit {
  readonly max: number;
  /** The setting behind it, as it stands in the configuration. */
  readonly setting: string;
}

/** What a start was at when it failed, and how long it had taken until then. */
export interface Failed {
  readonly at: Waiting;
  readonly afterMs: number;
}

/**
 * What a user reads of a start that failed; why it failed is in `cause`, for the log. `failed` is of those who have
 * waited for it.
 */
export function startFailed(error: unknown, retryAfterMs: number, failed?: Failed): DomainError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const waited = failed
    ? `: it failed after ${inSeconds(failed.afterMs)}, while ${waitedFor(failed.at)}`
    : '';
  return new DomainError(
    'unavailable',
    `Your query engine could not be started${waited}. Try again in ${seconds} s; if that does not help, the operator finds ` +
      'the reason in the log under "Container spawn failed".',
    { cause: error, retryAfterMs },
  );
}

/** `waiting`: what a request that was there already waited for. */
export function shuttingDown(waiting?: Waiting): DomainError {
  const waited = waiting ? `, and ${waitedFor(waiting)}` : '';
  return new DomainError('unavailable', `The server is shutting down${waited}. Try again in a moment.`, {
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

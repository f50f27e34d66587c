import { DomainError, messageOf } from '@pondpilot/kernel';

/** What a user reads of a start that failed; why it failed is in `cause`, for the log. */
export function startFailed(error: unknown): DomainError {
  return new DomainError(
    'unavailable',
    'Your query engine could not be started. Try again in a moment; if that does not help, the operator finds ' +
      'the reason in the log under "Container spawn failed".',
    { cause: error, retryAfterMs: 1000 },
  );
}

export function shuttingDown(): DomainError {
  return new DomainError('unavailable', 'The server is shutting down. Try again in a moment.', {
    retryAfterMs: 1000,
  });
}

export function noRoom(limit: number, setting: string): DomainError {
  return new DomainError(
    'resource_exhausted',
    `All ${limit} query engines that "${setting}" allows are in use. Try again in a moment, or ask the operator to raise it.`,
    { retryAfterMs: 5000 },
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

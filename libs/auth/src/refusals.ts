import { DomainError } from '@pondpilot/kernel';

/** What a client may do about a missing or unusable token. */
export const HOW_TO_SEND =
  'Send the header "authorization: Bearer <token>", or Basic credentials whose password is the token.';

export function refused(message: string, cause?: unknown): DomainError {
  return new DomainError('unauthenticated', message, { cause });
}

/** What a client is told of a token that failed verification; the names are those of jsonwebtoken's errors. */
export function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TokenExpiredError') return refused('The token has expired: get a new one.', error);
  if (name === 'NotBeforeError')
    return refused('The token is not valid yet: check its "nbf" and the clocks.', error);
  return refused(
    'The token is not valid: it must be a JWT that is signed with HS256 and the secret of this server.',
    error,
  );
}

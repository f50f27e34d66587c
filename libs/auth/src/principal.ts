import { refused } from './refusals.js';

/** Who makes a call, as the token says. */
export interface Principal {
  /** The token's `sub`: any text that is not empty. */
  readonly userId: string;
  /** Does the token carry the restrictions of demo tokens? */
  readonly demo: boolean;
  /** The session that a Handshake opened; absent for the user's default session. */
  readonly sessionId?: string;
  /** When the token ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

const SESSION_ID = /^[0-9a-f]{32}$/;

/**
 * Reads the claims of a token whose signature and times hold. Throws `unauthenticated` where `sub` or `exp` is missing
 * or is not what it must be. A `sid` that this server did not make, as identity providers add, names no session.
 */
export function principalOf(claims: unknown): Principal {
  const { sub, exp, sid, demo } = (claims ?? {}) as Record<string, unknown>;
  if (typeof sub !== 'string' || sub.trim() === '') {
    throw refused('The token does not say whose it is: its "sub" must be a text that is not empty.');
  }
  if (typeof exp !== 'number' || !Number.isFinite(exp)) {
    throw refused('The token does not say when it ends: its "exp" must be a number of seconds.');
  }
  return {
    userId: sub,
    demo: demo !== undefined && demo !== false,
    ...(typeof sid === 'string' && SESSION_ID.test(sid) ? { sessionId: sid } : {}),
    expiresAt: exp * 1000,
  };
}

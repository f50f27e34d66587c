import { Injectable } from '@nestjs/common';
import { tokenOf, type Credentials } from './credentials.js';
import { JwtStrategy } from './jwt.strategy.js';
import type { Principal } from './principal.js';
import { refusalOf } from './refusals.js';

/** What passport gives a strategy for one attempt. */
interface Attempt {
  success(principal: Principal): void;
  fail(reason: unknown): void;
  error(reason: unknown): void;
  authenticate(request: Credentials): void;
}

/** Tokens whose verification is remembered, and for how long: a client shows the same one with every call. */
const REMEMBERED = 1000;
const REMEMBERED_MS = 60_000;

interface Remembered {
  readonly principal: Principal;
  readonly until: number;
}

/** Runs the strategy where there is no HTTP request: on gRPC calls and handshakes. */
@Injectable()
export class TokenVerifier {
  /** Good tokens, the one that was verified longest ago first. */
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly strategy: JwtStrategy) {}

  /** Throws `unauthenticated` for any request without a good token. */
  async verify(request: Credentials): Promise<Principal> {
    try {
      const token = tokenOf(request);
      const now = Date.now();
      const known = this.remembered.get(token);
      if (known && now < known.until) return known.principal;
      const principal = await this.attempt(request);
      this.remember(token, { principal, until: Math.min(now + REMEMBERED_MS, principal.expiresAt) });
      return principal;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** The same for a token that came by itself. */
  verifyToken(token: string): Promise<Principal> {
    return this.verify({ headers: { authorization: `Bearer ${token}` } });
  }

  private remember(token: string, verified: Remembered): void {
    this.remembered.delete(token);
    this.remembered.set(token, verified);
    const [oldest] = this.remembered.keys();
    if (this.remembered.size > REMEMBERED && oldest !== undefined) this.remembered.delete(oldest);
  }

  /** As passport does it: each attempt is an object of its own on top of the strategy. */
  private attempt(request: Credentials): Promise<Principal> {
    return new Promise((resolve, reject) => {
      const attempt = Object.create(this.strategy) as Attempt;
      attempt.success = resolve;
      attempt.fail = reject;
      attempt.error = reject;
      attempt.authenticate(request);
    });
  }
}

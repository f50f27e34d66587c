import { Injectable } from '@nestjs/common';
import type { Credentials } from './credentials.js';
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

/** Runs the strategy where there is no HTTP request: on gRPC calls and handshakes. */
@Injectable()
export class TokenVerifier {
  constructor(private readonly strategy: JwtStrategy) {}

  /** Throws `unauthenticated` for any request without a good token. */
  async verify(request: Credentials): Promise<Principal> {
    try {
      return await this.attempt(request);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** The same for a token that came by itself. */
  verifyToken(token: string): Promise<Principal> {
    return this.verify({ headers: { authorization: `Bearer ${token}` } });
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

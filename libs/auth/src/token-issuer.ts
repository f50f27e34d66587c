import { Inject, Injectable } from '@nestjs/common';
import { SignJWT, type JWTPayload } from 'jose';
import { APP_CONFIG, type AppConfig } from '@pondpilot/config';
import { randomId } from '@pondpilot/kernel';
import type { Principal } from './principal.js';

export const DEMO_TOKEN_SECONDS = 3600;

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Makes the tokens that this server gives out itself. */
@Injectable()
export class TokenIssuer {
  private readonly key: Uint8Array;

  constructor(@Inject(APP_CONFIG) { security }: AppConfig) {
    this.key = new TextEncoder().encode(security.jwtSecret);
  }

  /** A token for one demo user that nobody else is. */
  async issueDemo(): Promise<IssuedToken> {
    const exp = Math.floor(Date.now() / 1000) + DEMO_TOKEN_SECONDS;
    const token = await this.sign({ sub: `demo-${randomId(16)}`, exp, demo: true });
    return { token, expiresAt: exp * 1000 };
  }

  /** A token for a new session of the same user: as good, and as long, as the one that was shown for it. */
  async issueSession({ userId, demo, expiresAt }: Principal): Promise<{ token: string; sessionId: string }> {
    const sessionId = randomId(16);
    const claims = { sub: userId, exp: expiresAt / 1000, sid: sessionId };
    return { token: await this.sign(demo ? { ...claims, demo } : claims), sessionId };
  }

  private sign(claims: JWTPayload): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).setIssuedAt().sign(this.key);
  }
}

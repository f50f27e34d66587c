import { createSecretKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import { APP_CONFIG, type AppConfig } from '@pondpilot/config';
import { tokenOf, type Credentials } from './credentials.js';
import { principalOf, type Principal } from './principal.js';

/** Verifies tokens, for HTTP and gRPC alike: HS256 and nothing else, `exp` and `nbf` honoured. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(@Inject(APP_CONFIG) { security }: AppConfig) {
    super({
      jwtFromRequest: (request: Credentials) => tokenOf(request),
      secretOrKeyProvider: always(security.jwtSecret),
      algorithms: ['HS256'],
    });
  }

  validate(claims: unknown): Principal {
    return principalOf(claims);
  }
}

/** The secret as a key: a text would be tried as a public key first, at every verification. */
function always(secret: string): SecretOrKeyProvider {
  const key = createSecretKey(secret, 'utf8') as unknown as Buffer;
  return (_request, _token, done) => done(null, key);
}

import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { DemoTokenController } from './demo-token.controller.js';
import { JwtStrategy } from './jwt.strategy.js';
import { TokenIssuer } from './token-issuer.js';
import { TokenVerifier } from './token-verifier.js';

/** How many demo tokens one address gets a minute. */
const DEMO_TOKENS_A_MINUTE = 10;

/** Tokens to principals, for HTTP and gRPC; demo tokens. */
@Module({
  imports: [
    ThrottlerModule.forRoot({
      throttlers: [{ ttl: 60_000, limit: DEMO_TOKENS_A_MINUTE }],
      setHeaders: false,
    }),
  ],
  controllers: [DemoTokenController],
  providers: [JwtStrategy, TokenVerifier, TokenIssuer],
  exports: [TokenVerifier, TokenIssuer],
})
export class AuthModule {}

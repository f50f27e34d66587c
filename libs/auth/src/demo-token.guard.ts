import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { APP_CONFIG, type AppConfig } from '@pondpilot/config';
import { DomainError } from '@pondpilot/kernel';
import { Log } from '@pondpilot/observability';

/** Demo tokens must be switched on, and one address (one /64 network of IPv6) gets only so many of them. */
@Injectable()
export class DemoTokenGuard extends ThrottlerGuard {
  @Inject(APP_CONFIG) private readonly config!: AppConfig;
  @Inject(Log) private readonly log!: Log;

  override canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.config.security.demoTokens.enabled) return super.canActivate(context);
    throw new DomainError(
      'not_found',
      'Demo tokens are switched off. The operator can switch them on by the setting security.demo_tokens.enabled.',
    );
  }

  protected override async throwThrottlingException(
    _context: ExecutionContext,
    { timeToBlockExpire, tracker }: ThrottlerLimitDetail,
  ): Promise<void> {
    this.log.warn('Rate limit exceeded', { client_address: tracker });
    throw new DomainError(
      'resource_exhausted',
      `Too many demo tokens for this address: try again in ${timeToBlockExpire} s, or go on with the one you have.`,
      { retryAfterMs: timeToBlockExpire * 1000 },
    );
  }
}

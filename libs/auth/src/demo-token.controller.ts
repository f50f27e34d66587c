import { Controller, Header, Post, UseGuards } from '@nestjs/common';
import { DemoTokenGuard } from './demo-token.guard.js';
import { TokenIssuer } from './token-issuer.js';

/** Gives anyone a token to try the product with, where the operator has switched that on. */
@Controller('auth')
export class DemoTokenController {
  constructor(private readonly issuer: TokenIssuer) {}

  @Post('demo-token')
  @UseGuards(DemoTokenGuard)
  @Header('Cache-Control', 'no-store')
  async create(): Promise<{ token: string; expires_at: string }> {
    const { token, expiresAt } = await this.issuer.issueDemo();
    return { token, expires_at: new Date(expiresAt).toISOString() };
  }
}

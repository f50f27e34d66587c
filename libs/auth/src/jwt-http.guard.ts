import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { refusalOf } from './refusals.js';

/** Lets HTTP requests with a good token pass; `request.user` is then the `Principal`. Throws `unauthenticated`. */
@Injectable()
export class JwtHttpGuard extends AuthGuard('jwt') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return (await super.canActivate(context)) === true;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  override handleRequest<T>(error: unknown, principal: T | false, reason: unknown): T {
    if (error || !principal) throw error ?? reason;
    return principal;
  }
}

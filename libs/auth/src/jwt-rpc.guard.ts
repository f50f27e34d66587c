import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Credentials } from './credentials.js';
import type { Principal } from './principal.js';
import { TokenVerifier } from './token-verifier.js';

/** The context of a gRPC call, as far as authentication goes. */
export interface AuthenticatedCall extends Credentials {
  /** Set once the guard has let the call pass. */
  principal?: Principal;
}

/** Lets gRPC calls with a good token pass, and notes whose they are. Throws `unauthenticated`. */
@Injectable()
export class JwtRpcGuard implements CanActivate {
  constructor(private readonly verifier: TokenVerifier) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const call = context.switchToRpc().getContext<AuthenticatedCall>();
    call.principal = await this.verifier.verify(call);
    return true;
  }
}

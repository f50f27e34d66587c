import { BaseRpcContext } from '@nestjs/microservices';
import type { AuthenticatedCall, Principal } from '@pondpilot/auth';
import type { IncomingCall } from '@pondpilot/flight-sql/forwarder';

/** The context of one gRPC call, for guards and handlers. */
export class FlightCall extends BaseRpcContext<[IncomingCall]> implements AuthenticatedCall {
  /** Whose call it is; set by the guard. */
  principal?: Principal;

  constructor(readonly incoming: IncomingCall) {
    super([incoming]);
  }

  get headers(): IncomingCall['headers'] {
    return this.incoming.headers;
  }
}

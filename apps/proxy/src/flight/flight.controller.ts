import { Controller, UseFilters, UseGuards } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { JwtRpcGuard, type Principal } from '@pondpilot/auth';
import { CALL_SECRET_HEADER, SESSION_HEADER } from '@pondpilot/engine-api';
import type { CallHeaders, CallRoute } from '@pondpilot/flight-sql/forwarder';
import { Orchestrator, type EngineLease } from '@pondpilot/orchestrator';
import { acquireFor } from './acquire.js';
import { FlightCall } from './flight-call.js';
import { RpcStatusFilter } from './rpc-status.filter.js';

/** Never for an engine's eyes: the user's token, and what the proxy alone may say to engines. */
const SECRET_HEADERS = ['authorization', 'auth-token-bin', 'cookie'];
const OWN_PREFIX = 'x-pondpilot-';

/** Sends every Flight call to the engine of its user. */
@Controller()
@UseFilters(RpcStatusFilter)
export class FlightController {
  constructor(private readonly orchestrator: Orchestrator) {}

  @MessagePattern('/arrow.flight.protocol.FlightService/*')
  @UseGuards(JwtRpcGuard)
  async forward(@Ctx() { principal, incoming }: FlightCall): Promise<CallRoute> {
    const { userId, demo, sessionId } = principal as Principal;
    const owner = { userId, profile: demo ? 'demo' : 'normal' } as const;
    const lease = await acquireFor(this.orchestrator, owner, incoming.signal);
    return forwardTo(lease, sessionId, incoming.headers);
  }
}

function forwardTo(lease: EngineLease, sessionId: string | undefined, headers: CallHeaders): CallRoute {
  const own = Object.keys(headers).filter((name) => name.startsWith(OWN_PREFIX));
  const session = sessionId === undefined ? {} : { [SESSION_HEADER]: sessionId };
  return {
    kind: 'forward',
    host: lease.host,
    port: lease.port,
    setHeaders: { [CALL_SECRET_HEADER]: lease.callSecret, ...session },
    dropHeaders: [...SECRET_HEADERS, ...own],
    done: () => lease.release(),
  };
}

import { Controller, UseFilters, UseGuards } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { JwtRpcGuard, type Principal } from '@pondpilot/auth';
import { CALL_SECRET_HEADER, CONNECTION_HEADER, SESSION_HEADER } from '@pondpilot/engine-api';
import type { CallHeaders, CallRoute, IncomingCall } from '@pondpilot/flight-sql/forwarder';
import { Orchestrator, type EngineLease } from '@pondpilot/orchestrator';
import { acquireFor } from './acquire.js';
import { ClientConnections } from './client-connections.js';
import { FlightCall } from './flight-call.js';
import { RpcStatusFilter } from './rpc-status.filter.js';

/** Never for an engine's eyes: the user's token, and what the proxy alone may say to engines. */
const SECRET_HEADERS = ['authorization', 'auth-token-bin', 'cookie'];
const OWN_PREFIX = 'x-pondpilot-';

/** Sends every Flight call to the engine of its user. */
@Controller()
@UseFilters(RpcStatusFilter)
export class FlightController {
  constructor(
    private readonly orchestrator: Orchestrator,
    private readonly connections: ClientConnections,
  ) {}

  @MessagePattern('/arrow.flight.protocol.FlightService/*')
  @UseGuards(JwtRpcGuard)
  forward(@Ctx() { principal, incoming }: FlightCall): Promise<CallRoute> {
    return this.routeToEngine(principal as Principal, incoming);
  }

  private async routeToEngine(principal: Principal, incoming: IncomingCall): Promise<CallRoute> {
    const { userId, demo } = principal;
    const sessionId = principal.sessionId ?? this.connections.sessionOf(incoming.connectionId, userId);
    const owner = { userId, profile: demo ? 'demo' : 'normal' } as const;
    const lease = await acquireFor(this.orchestrator, owner, incoming.signal);
    const headers = {
      [CALL_SECRET_HEADER]: lease.callSecret,
      [CONNECTION_HEADER]: this.connections.use(incoming.connectionId, lease.engineId),
      ...(sessionId === undefined ? {} : { [SESSION_HEADER]: sessionId }),
    };
    const again = () => this.routeToEngine(principal, incoming);
    return { ...forwardTo(lease, headers, incoming.headers), again };
  }
}

function forwardTo(lease: EngineLease, setHeaders: Record<string, string>, headers: CallHeaders) {
  const own = Object.keys(headers).filter((name) => name.startsWith(OWN_PREFIX));
  return {
    kind: 'forward',
    host: lease.host,
    port: lease.port,
    setHeaders,
    dropHeaders: [...SECRET_HEADERS, ...own],
    done: () => lease.release(),
  } as const;
}

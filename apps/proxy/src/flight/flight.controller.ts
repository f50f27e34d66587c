import { Controller, UseFilters, UseGuards } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { JwtRpcGuard, type Principal } from '@pondpilot/auth';
import { CALL_SECRET_HEADER, CONNECTION_HEADER, SESSION_HEADER } from '@pondpilot/engine-api';
import type { CallRoute, IncomingCall } from '@pondpilot/flight-sql/forwarder';
import { Orchestrator, type EngineLease } from '@pondpilot/orchestrator';
import { acquireFor } from './acquire.js';
import { ClientConnections } from './client-connections.js';
import { FlightCall } from './flight-call.js';
import { RpcStatusFilter } from './rpc-status.filter.js';

/** Never for an engine's eyes: the user's token, and what the proxy alone may say to engines. */
const SECRET_HEADERS = ['authorization', 'auth-token-bin', 'cookie'];
const OWN_PREFIX = 'x-pondpilot-';

/**
 * A client's next calls with the same token go to the same engine without being asked about (docs/adr/0008). An engine is
 * in use for so much longer, and a token that is no longer good is for so long still taken.
 */
const ROUTE_STANDS_MS = 1000;

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
    return { ...forwardTo(lease, headers, principal.expiresAt), again };
  }
}

function forwardTo(lease: EngineLease, setHeaders: Record<string, string>, expiresAt: number) {
  return {
    kind: 'forward',
    host: lease.host,
    port: lease.port,
    target: lease.engineId,
    setHeaders,
    dropHeaders: SECRET_HEADERS,
    dropPrefix: OWN_PREFIX,
    reuseForMs: Math.min(ROUTE_STANDS_MS, expiresAt - Date.now()),
    done: () => lease.release(),
  } as const;
}

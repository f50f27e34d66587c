import { Controller, UseFilters, UseGuards } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { JwtRpcGuard, type Principal } from '@pondpilot/auth';
import { CALL_SECRET_HEADER, CONNECTION_HEADER, SESSION_HEADER } from '@pondpilot/engine-api';
import { parseGrpcTimeout } from '@pondpilot/flight-sql';
import type { CallRoute, IncomingCall } from '@pondpilot/flight-sql/forwarder';
import { Orchestrator, type EngineLease, type Owner } from '@pondpilot/orchestrator';
import { acquireFor } from './acquire.js';
import { ClientConnections } from './client-connections.js';
import { FlightCall } from './flight-call.js';
import { descriptorIn, stillWaiting } from './poll-answer.js';
import { PolledWaits, type PolledWait } from './polled-waits.js';
import { RpcStatusFilter } from './rpc-status.filter.js';

/** Never for an engine's eyes: the user's token, and what the proxy alone may say to engines. */
const SECRET_HEADERS = ['authorization', 'auth-token-bin', 'cookie'];
const OWN_PREFIX = 'x-pondpilot-';

/**
 * A client's next calls with the same token go to the same engine without being asked about (docs/adr/0008). An engine is
 * in use for so much longer, and a token that is no longer good is for so long still taken.
 */
const ROUTE_STANDS_MS = 1000;

/** How long a poll is held while its user's engine is not ready: clients that ask again at once must not spin. */
const POLL_HELD_MS = 500;

/** Sends every Flight call to the engine of its user. */
@Controller()
@UseFilters(RpcStatusFilter)
export class FlightController {
  constructor(
    private readonly orchestrator: Orchestrator,
    private readonly connections: ClientConnections,
    private readonly polledWaits: PolledWaits,
  ) {}

  /** A poll hears what is waited for where its engine is not ready, and goes to the engine where it is. */
  @MessagePattern('/arrow.flight.protocol.FlightService/PollFlightInfo')
  @UseGuards(JwtRpcGuard)
  poll(@Ctx() { principal, incoming }: FlightCall): Promise<CallRoute> {
    return this.routePoll(principal as Principal, incoming);
  }

  @MessagePattern('/arrow.flight.protocol.FlightService/*')
  @UseGuards(JwtRpcGuard)
  forward(@Ctx() { principal, incoming }: FlightCall): Promise<CallRoute> {
    return this.routeToEngine(principal as Principal, incoming);
  }

  private async routePoll(principal: Principal, incoming: IncomingCall): Promise<CallRoute> {
    const wait = this.polledWaits.enter(incoming.connectionId, ownerOf(principal));
    try {
      const answer = await this.answerWhileWaiting(wait, principal, incoming);
      if (answer) return answer;
      const again = () => this.routePoll(principal, incoming);
      const route = await this.routeToEngine(principal, incoming, again);
      wait.end();
      return route;
    } finally {
      wait.leave();
    }
  }

  /** Undefined where the call is the engine's to answer. */
  private async answerWhileWaiting(
    wait: PolledWait,
    principal: Principal,
    incoming: IncomingCall,
  ): Promise<CallRoute | undefined> {
    if (await wait.within(heldMs(incoming), incoming.signal)) return undefined;
    const descriptor = await descriptorIn(incoming);
    if (!descriptor) return undefined;
    wait.keep();
    const waiting = this.orchestrator.waitOf(ownerOf(principal));
    return { kind: 'reply', messages: [stillWaiting(descriptor, waiting)] };
  }

  /** `again` decides anew on a call that its engine could not be reached for. */
  private async routeToEngine(
    principal: Principal,
    incoming: IncomingCall,
    again: () => Promise<CallRoute> = () => this.routeToEngine(principal, incoming),
  ): Promise<CallRoute> {
    const { userId } = principal;
    const sessionId = principal.sessionId ?? this.connections.sessionOf(incoming.connectionId, userId);
    const lease = await acquireFor(this.orchestrator, ownerOf(principal), incoming.signal);
    const headers = {
      [CALL_SECRET_HEADER]: lease.callSecret,
      [CONNECTION_HEADER]: this.connections.use(incoming.connectionId, lease.engineId),
      ...(sessionId === undefined ? {} : { [SESSION_HEADER]: sessionId }),
    };
    return { ...forwardTo(lease, headers, principal.expiresAt), again };
  }
}

function ownerOf({ userId, demo }: Principal): Owner {
  return { userId, profile: demo ? 'demo' : 'normal' };
}

/** Less for a client that has less time: it must hear the answer. */
function heldMs({ headers }: IncomingCall): number {
  const timeout = headers['grpc-timeout'];
  const timeoutMs = parseGrpcTimeout(typeof timeout === 'string' ? timeout : undefined) ?? Infinity;
  return Math.min(POLL_HELD_MS, timeoutMs / 2);
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

import { Controller, UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { HOW_TO_SEND, TokenIssuer, TokenVerifier, type Principal } from '@pondpilot/auth';
import { BasicAuthSchema, HandshakeRequestSchema, HandshakeResponseSchema } from '@pondpilot/flight-sql';
import type { CallRoute } from '@pondpilot/flight-sql/forwarder';
import { DomainError } from '@pondpilot/kernel';
import { ClientConnections } from './client-connections.js';
import { FlightCall } from './flight-call.js';
import { RpcStatusFilter } from './rpc-status.filter.js';

/**
 * The Handshake of Flight: credentials in, a bearer token for a new session out, which is the connection's too. Answered here, so that bad credentials
 * are refused before an engine is started.
 */
@Controller()
@UseFilters(RpcStatusFilter)
export class HandshakeController {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly issuer: TokenIssuer,
    private readonly connections: ClientConnections,
  ) {}

  @MessagePattern('/arrow.flight.protocol.FlightService/Handshake')
  async handshake(@Ctx() call: FlightCall): Promise<CallRoute> {
    const principal = await this.authenticate(call);
    const { token, sessionId } = await this.issuer.issueSession(principal);
    this.connections.openSession(call.incoming.connectionId, principal.userId, sessionId);
    const response = create(HandshakeResponseSchema, { payload: new TextEncoder().encode(token) });
    return {
      kind: 'reply',
      responseHeaders: { authorization: `Bearer ${token}` },
      messages: [toBinary(HandshakeResponseSchema, response)],
    };
  }

  /** Clients of today send a header; older ones a `BasicAuth` message as the payload of the first message. */
  private async authenticate(call: FlightCall): Promise<Principal> {
    if (call.headers['authorization'] !== undefined) return this.verifier.verify(call);
    return this.verifier.verifyToken(passwordIn(await call.incoming.firstMessage()));
  }
}

function passwordIn(message: Uint8Array): string {
  let password = '';
  try {
    const { payload } = fromBinary(HandshakeRequestSchema, message);
    password = fromBinary(BasicAuthSchema, payload).password;
  } catch {
    // Neither a handshake nor credentials: refused like empty ones.
  }
  if (password !== '') return password;
  throw new DomainError('unauthenticated', `The handshake holds no credentials. ${HOW_TO_SEND}`);
}

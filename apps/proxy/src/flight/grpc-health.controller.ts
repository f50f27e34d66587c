import { Controller, UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from '@pondpilot/flight-sql';
import type { CallRoute } from '@pondpilot/flight-sql/forwarder';
import { HealthService, HealthWatch } from '@pondpilot/health';
import { DomainError } from '@pondpilot/kernel';
import { FlightCall } from './flight-call.js';
import { RpcStatusFilter } from './rpc-status.filter.js';

/** The empty name means the server as a whole. */
const SERVICES: ReadonlySet<string> = new Set([
  '',
  'arrow.flight.protocol.FlightService',
  'grpc.health.v1.Health',
]);

/** Health checking as https://github.com/grpc/grpc/blob/master/doc/health-checking.md has it, for anyone. */
@Controller()
@UseFilters(RpcStatusFilter)
export class GrpcHealthController {
  constructor(
    private readonly health: HealthService,
    private readonly watched: HealthWatch,
  ) {}

  @MessagePattern('/grpc.health.v1.Health/Check')
  async check(@Ctx() { incoming }: FlightCall): Promise<CallRoute> {
    const service = serviceIn(await incoming.firstMessage());
    if (!SERVICES.has(service)) throw new DomainError('not_found', 'There is no service of this name here.');
    const { ready } = await this.health.ready();
    return { kind: 'reply', messages: [response(ready)] };
  }

  @MessagePattern('/grpc.health.v1.Health/Watch')
  async watch(@Ctx() { incoming }: FlightCall): Promise<CallRoute> {
    const known = SERVICES.has(serviceIn(await incoming.firstMessage()));
    return { kind: 'reply', messages: this.messages(known, incoming.signal) };
  }

  /** The protocol wants a watch on an unknown service to stay open: it might come. */
  private async *messages(known: boolean, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (!known) yield encode(Status.SERVICE_UNKNOWN);
    for await (const ready of this.watched.ready(signal)) if (known) yield response(ready);
  }
}

function serviceIn(message: Uint8Array): string {
  try {
    return fromBinary(HealthCheckRequestSchema, message).service;
  } catch (cause) {
    throw new DomainError('invalid_argument', 'The message is not a HealthCheckRequest.', { cause });
  }
}

function response(ready: boolean): Uint8Array {
  return encode(ready ? Status.SERVING : Status.NOT_SERVING);
}

function encode(status: Status): Uint8Array {
  return toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status }));
}

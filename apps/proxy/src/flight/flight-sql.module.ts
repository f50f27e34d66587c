import { Module } from '@nestjs/common';
import { AuthModule } from '@pondpilot/auth';
import { startListener } from '@pondpilot/flight-sql/forwarder';
import { OrchestratorModule } from '../engines/orchestrator.module.js';
import { healthModule } from '../health.js';
import { ClientConnections } from './client-connections.js';
import { FlightController } from './flight.controller.js';
import { FlightTransport, START_LISTENER } from './flight-transport.js';
import { GrpcHealthController } from './grpc-health.controller.js';
import { HandshakeController } from './handshake.controller.js';

/** The gRPC port: Flight calls to engines, handshakes, health. */
@Module({
  imports: [AuthModule, OrchestratorModule, healthModule],
  controllers: [FlightController, HandshakeController, GrpcHealthController],
  providers: [ClientConnections, FlightTransport, { provide: START_LISTENER, useValue: startListener }],
  exports: [FlightTransport],
})
export class FlightSqlModule {}

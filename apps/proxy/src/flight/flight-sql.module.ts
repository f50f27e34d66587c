import { Module } from '@nestjs/common';
import { AuthModule } from '@pondpilot/auth';
import { startListener } from '@pondpilot/flight-sql/forwarder';
import { systemClock } from '@pondpilot/kernel';
import { Orchestrator } from '@pondpilot/orchestrator';
import { OrchestratorModule } from '../engines/orchestrator.module.js';
import { healthModule } from '../health.js';
import { ClientConnections } from './client-connections.js';
import { FlightController } from './flight.controller.js';
import { FlightTransport, START_LISTENER } from './flight-transport.js';
import { GrpcHealthController } from './grpc-health.controller.js';
import { HandshakeController } from './handshake.controller.js';
import { PolledWaits } from './polled-waits.js';

/** The gRPC port: Flight calls to engines, handshakes, health. */
@Module({
  imports: [AuthModule, OrchestratorModule, healthModule],
  controllers: [FlightController, HandshakeController, GrpcHealthController],
  providers: [
    ClientConnections,
    FlightTransport,
    { provide: START_LISTENER, useValue: startListener },
    {
      provide: PolledWaits,
      useFactory: (orchestrator: Orchestrator) => new PolledWaits(orchestrator, systemClock),
      inject: [Orchestrator],
    },
  ],
  exports: [FlightTransport],
})
export class FlightSqlModule {}

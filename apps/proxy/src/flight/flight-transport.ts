import { Inject, Injectable } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { APP_CONFIG, type AppConfig } from '@pondpilot/config';
import type {
  CallRoute,
  FlightListener,
  IncomingCall,
  ListenerTls,
  startListener,
} from '@pondpilot/flight-sql/forwarder';
import { DomainError } from '@pondpilot/kernel';
import { Log } from '@pondpilot/observability';
import { ClientConnections } from './client-connections.js';
import { FlightCall } from './flight-call.js';
import { PolledWaits } from './polled-waits.js';

/** Injection token of the function that opens the gRPC port. */
export const START_LISTENER = Symbol('startListener');

/**
 * Nest's end of the gRPC port. Handlers are registered by `@MessagePattern` with a method's path, or with `/*` for all
 * methods of a service; they see a call's headers and answer with a `CallRoute`. The bytes of a call that is forwarded
 * never pass through Nest.
 */
@Injectable()
export class FlightTransport extends Server implements CustomTransportStrategy {
  private listener: FlightListener | undefined;
  private tls: ListenerTls | undefined;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(START_LISTENER) private readonly start: typeof startListener,
    private readonly connections: ClientConnections,
    private readonly polledWaits: PolledWaits,
    private readonly log: Log,
  ) {
    super();
  }

  /** The port that it listens on; undefined before. */
  get port(): number | undefined {
    return this.listener?.port;
  }

  /** Has the port speak TLS with this, from now on; where it has been opened in the clear, nothing changes. */
  secure(tls: ListenerTls): void {
    this.tls = tls;
    this.listener?.secure(tls);
  }

  listen(callback: (error?: unknown) => void): void {
    void this.open(callback);
  }

  /** Refuses new calls; those in flight may end within `graceMs`, which only the first call of this decides. */
  async close(graceMs = 0): Promise<void> {
    await this.listener?.close(graceMs);
  }

  /** Part of Nest's interface: this server tells nothing by events. */
  on(): never {
    throw new Error('The Flight transport has no events.');
  }

  unwrap<T>(): T {
    return this.listener as T;
  }

  private async open(callback: (error?: unknown) => void): Promise<void> {
    const { host, grpcPort } = this.config.server;
    const onError = (error: Error) => this.log.error('gRPC listener failed', { err: error });
    const onConnectionClosed = (connectionId: number) => {
      this.polledWaits.closed(connectionId);
      this.connections.closed(connectionId);
    };
    try {
      const tls = this.tls ? { tls: this.tls } : {};
      const reasonOfStop = (engineId: string) => this.connections.reasonOfEnd(engineId);
      const options = { host, port: grpcPort, ...tls, onError, onConnectionClosed, reasonOfStop };
      this.listener = await this.start(options, (call) => this.route(call));
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  private async route(incoming: IncomingCall): Promise<CallRoute> {
    const handler = this.handlerFor(incoming.path);
    if (!handler)
      throw new DomainError('unimplemented', `This server has no method ${incoming.path.slice(0, 200)}.`);
    const answer = handler(incoming, new FlightCall(incoming));
    return (await lastValueFrom(this.transformToObservable(answer))) as CallRoute;
  }

  private handlerFor(path: string) {
    const service = `${path.slice(0, path.lastIndexOf('/'))}/*`;
    return this.messageHandlers.get(path) ?? this.messageHandlers.get(service);
  }
}

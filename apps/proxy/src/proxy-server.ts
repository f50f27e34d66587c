import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { APP_CONFIG, type AppConfig } from '@pondpilot/config';
import { Lifecycle } from '@pondpilot/health';
import { FrameworkLogger, Log } from '@pondpilot/observability';
import { EngineShutdown } from './engines/engine-shutdown.js';
import { FlightTransport } from './flight/flight-transport.js';
import { portProblem } from './port-problem.js';
import type { Certificates } from './tls/certificates.js';
import { requireClientCertificate } from './tls/client-certificates.js';
import type { Certificate } from './tls/tls-files.js';
import { grpcTls, httpTls } from './tls/tls-options.js';

/** No request over HTTP has a larger body yet. */
const MAX_BODY = '1mb';
/** How long answers over HTTP may still take once the streams have ended. */
const HTTP_GRACE_MS = 1000;

/** The application with both of its ports, from opening them to the end. */
export class ProxyServer {
  private readonly config: AppConfig;
  private readonly log: Log;
  private readonly lifecycle: Lifecycle;
  private readonly transport: FlightTransport;
  private readonly http: Server | HttpsServer;
  private closing: Promise<void> | undefined;

  /** With `certificates` both ports speak TLS; then `app` must have been created with `httpTls` of them. */
  constructor(
    private readonly app: NestExpressApplication,
    private readonly certificates?: Certificates,
  ) {
    this.config = app.get<AppConfig>(APP_CONFIG);
    this.log = app.get(Log);
    this.lifecycle = app.get(Lifecycle);
    this.transport = app.get(FlightTransport);
    this.http = app.getHttpServer();
    app.useLogger(app.get(FrameworkLogger));
    app.disable('x-powered-by');
    app.disable('etag');
    app.set('trust proxy', [...this.config.server.trustProxy]);
    if (certificates) this.transport.secure(grpcTls(certificates.current));
    if (certificates?.current.clientCa !== undefined) app.use(requireClientCertificate);
    app.useBodyParser('json', { limit: MAX_BODY });
    app.connectMicroservice({ strategy: this.transport });
  }

  /** Opens both ports. Throws `failed_precondition` where one can't be had, and then leaves nothing open. */
  async listen(): Promise<void> {
    try {
      await this.app.init();
      await this.app.startAllMicroservices();
      await this.listenHttp();
    } catch (error) {
      await this.app.close();
      throw error;
    }
    void this.app.get(EngineShutdown, { strict: false }).takeOver();
    this.lifecycle.serve();
    const scheme = (name: string) => (this.certificates ? { scheme: name } : {});
    this.log.info('gRPC server listening', { port: this.grpcPort, ...scheme('grpc+tls') });
    this.log.info('HTTP server listening', { port: this.httpPort, ...scheme('https') });
    this.certificates?.follow(this.log, (certificate) => this.secure(certificate));
  }

  get grpcPort(): number {
    return this.transport.port ?? 0;
  }

  get httpPort(): number {
    return (this.http.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Reads the files of the certificate now; a good one is for all connections to come. */
  reloadCertificate(): void {
    this.certificates?.reload(this.log);
  }

  /**
   * Not ready any more and no new calls; streams in flight may end within `graceMs`, then the engines are stopped. The
   * HTTP port stays open meanwhile, to say that it is not ready. Calling it again awaits the same.
   */
  drain(graceMs: number): Promise<void> {
    this.closing ??= this.drainNow(graceMs);
    return this.closing;
  }

  /** As `drain`, but the engines are stopped first, which ends their streams. */
  async stopNow(): Promise<void> {
    await Promise.all([this.drain(0), this.app.get(EngineShutdown, { strict: false }).stop()]);
  }

  private async drainNow(graceMs: number): Promise<void> {
    this.log.info('Server stopping', { grace_ms: graceMs });
    this.lifecycle.drain();
    this.app.get(EngineShutdown, { strict: false }).drain();
    await this.transport.close(graceMs);
    await this.close();
    this.log.info('Server stopped');
  }

  private async close(): Promise<void> {
    this.certificates?.stop();
    const late = setTimeout(() => this.http.closeAllConnections(), HTTP_GRACE_MS);
    await this.app.close();
    clearTimeout(late);
  }

  private secure(certificate: Certificate): void {
    this.transport.secure(grpcTls(certificate));
    if ('setSecureContext' in this.http) this.http.setSecureContext(httpTls(certificate));
  }

  /** Not by `app.listen`, which logs a failure that is told once, by the caller. */
  private async listenHttp(): Promise<void> {
    const { host, port } = this.config.server;
    this.http.listen(port, host);
    try {
      await once(this.http, 'listening');
    } catch (error) {
      throw portProblem(error, { host, port, portVariable: 'PORT' });
    }
  }
}

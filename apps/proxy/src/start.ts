import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '@pondpilot/config';
import { Log } from '@pondpilot/observability';
import { AppModule } from './app.module.js';
import { ProxyServer } from './proxy-server.js';
import { stopOnSignals } from './stop-on-signals.js';
import { Certificates } from './tls/certificates.js';
import { httpTls } from './tls/tls-options.js';

/** Starts the proxy; resolves once both ports are open. Throws where it can't start. */
export async function start(): Promise<void> {
  const config = loadConfig();
  const certificates = config.server.tls && Certificates.read(config.server.tls);
  const https = certificates ? { httpsOptions: httpTls(certificates.current) } : {};
  const options = { logger: false, abortOnError: false, ...https } as const;
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), options);
  const log = app.get(Log);
  process.on('unhandledRejection', (reason) => log.error('Unhandled rejection', { err: reason }));
  const server = new ProxyServer(app, certificates);
  await server.listen();
  stopOnSignals(server, config.server.drainTimeoutMs);
  if (certificates) process.on('SIGHUP', () => server.reloadCertificate());
}

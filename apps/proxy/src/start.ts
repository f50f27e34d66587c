import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '@pondpilot/config';
import { Log } from '@pondpilot/observability';
import { AppModule } from './app.module.js';
import { ProxyServer } from './proxy-server.js';
import { stopOnSignals } from './stop-on-signals.js';

/** Starts the proxy; resolves once both ports are open. Throws where it can't start. */
export async function start(): Promise<void> {
  const options = { logger: false, abortOnError: false } as const;
  const config = loadConfig();
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), options);
  const log = app.get(Log);
  process.on('unhandledRejection', (reason) => log.error('Unhandled rejection', { err: reason }));
  const server = new ProxyServer(app);
  await server.listen();
  stopOnSignals(server, config.server.drainTimeoutMs);
}

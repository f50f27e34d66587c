import { existsSync } from 'node:fs';
import type { AppConfig } from '@pondpilot/config';
import type { Log } from '@pondpilot/observability';
import { EngineKeys, type EngineProvider } from '@pondpilot/orchestrator';

/** Where Docker's own packages put the socket. */
const SOCKET = '/var/run/docker.sock';

/** Is there a Docker daemon to be expected on this machine? */
export function dockerThere(env = process.env): boolean {
  return Boolean(env['DOCKER_HOST']) || existsSync(SOCKET);
}

/** The provider of engines as containers, as this configuration wants it. Loaded by those who use it alone. */
export async function makeDockerProvider(
  { containers, duckdb, security }: AppConfig,
  log: Log,
): Promise<EngineProvider> {
  const { DockerProvider, ENGINE_IMAGE } = await import('@pondpilot/orchestrator/docker');
  const { extensionDirectory, attachedDatabases: databases } = duckdb;
  const { image = ENGINE_IMAGE, network, runtime, startTimeoutMs } = containers;
  return new DockerProvider({
    image,
    network,
    ...(runtime === undefined ? {} : { runtime }),
    ...(extensionDirectory === undefined ? {} : { extensionDirectory }),
    databases,
    keys: new EngineKeys(security.jwtSecret),
    startTimeoutMs,
    answerTimeoutMs: startTimeoutMs,
    onOutput: (id, line) => log.warn('Container output', { container_id: id, line }),
  });
}

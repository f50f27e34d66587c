import { accessSync, constants } from 'node:fs';
import type { AppConfig } from '@pondpilot/config';
import type { Log } from '@pondpilot/observability';
import { EngineKeys, type EngineProvider } from '@pondpilot/orchestrator';

/** Where Docker's own packages put the socket. */
const SOCKET = '/var/run/docker.sock';

/** For who has not asked for Docker, and has one that can't be used. */
const WITHOUT_DOCKER = 'set ORCHESTRATOR=process (containers.provider)';

/** Is there a Docker daemon to be expected on this machine, which the proxy's user may use? */
export function dockerThere(env = process.env, socket = SOCKET): boolean {
  return Boolean(env['DOCKER_HOST']) || mayUse(socket);
}

function mayUse(socket: string): boolean {
  try {
    accessSync(socket, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The provider of engines as containers, as this configuration wants it; `auto`: which does not name it. Loaded by those
 * who use it alone.
 */
export async function makeDockerProvider(
  { containers, duckdb, security }: AppConfig,
  log: Pick<Log, 'warn'>,
  auto: boolean,
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
    ...(auto ? { otherwise: WITHOUT_DOCKER } : {}),
    keys: new EngineKeys(security.jwtSecret),
    startTimeoutMs,
    answerTimeoutMs: startTimeoutMs,
    onOutput: (id, line) => log.warn('Container output', { container_id: id, line }),
  });
}

import type { DockerProviderOptions } from './options.js';
import type { Daemon } from './daemon.js';
import type { OwnMounts } from './mounts.js';
import type { EngineNetworks } from './networks/engine-networks.js';
import { NetworkPerEngine } from './networks/network-per-engine.js';
import { SharedNetwork } from './networks/shared-network.js';
import { WrongConfiguration } from './wrong-configuration.js';
import { ownContainer } from './own-container.js';

/** Networks that would take away what keeps engines apart, or give them none. */
const NO_NETWORKS = new Set(['host', 'none']);

/** Where the proxy runs, as seen from the daemon: what engines can share with it follows from that. */
export interface Place {
  readonly networks: EngineNetworks;
  readonly mounts: OwnMounts;
}

/** Throws where engines could not be reached from here. */
export async function findPlace(
  daemon: Daemon,
  options: DockerProviderOptions,
  findOwn: typeof ownContainer = ownContainer,
): Promise<Place> {
  const { network: configured, keys, databases = [] } = options;
  if (NO_NETWORKS.has(configured))
    throw new WrongConfiguration(
      `containers.network (CONTAINER_NETWORK) can't be ${configured}: leave it out, or name a network.`,
    );
  const docker = daemon.calls;
  const { deployment } = keys;
  const own = await findOwn(docker);
  if (own && own.HostConfig.NetworkMode !== 'host')
    return { networks: new NetworkPerEngine({ docker, deployment, configured, own }), mounts: own.Mounts };
  if (!own) refuseDistant(docker.modem as { host?: string });
  const networks = new SharedNetwork({ docker, deployment, configured, databases });
  return { networks, mounts: own?.Mounts };
}

/** Addresses of containers are known on their own machine only. */
function refuseDistant({ host }: { host?: string }): void {
  if (host === undefined || host === 'localhost' || host === '[::1]' || host.startsWith('127.')) return;
  throw new Error(
    `The Docker daemon is on another machine (DOCKER_HOST), whose containers can't be reached from here: run the proxy there, in a container or beside its daemon.`,
  );
}

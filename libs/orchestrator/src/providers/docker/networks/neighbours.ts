import type Docker from 'dockerode';
import { unlessMissing } from '../daemon.js';
import { ENGINE_LABEL } from '../labels.js';

/** Networks that every container without another has; no names are resolved in them. */
const NAMELESS = new Set(['bridge', 'host', 'none']);

export type OwnContainer = Docker.ContainerInspectInfo;

/** A container that shares a network with the proxy, by which names it is found there, and all networks that it is in. */
export interface Neighbour {
  readonly id: string;
  readonly names: readonly string[];
  readonly networks: readonly string[];
}

/** Networks of the proxy's container in which names are resolved, engines' left out. */
export function namedNetworks(own: OwnContainer): string[] {
  return Object.keys(own.NetworkSettings.Networks).filter(
    (name) => !NAMELESS.has(name) && !name.startsWith(ENGINE_NETWORK),
  );
}

/**
 * Sorts last: daemons before 28 take as a container's way out the network whose name sorts first, and the proxy's must not
 * change with each engine.
 */
export const ENGINE_NETWORK = 'zz-pondpilot-';

/** Containers in these networks, without the proxy's own and engines. */
export async function neighboursIn(
  docker: Docker,
  networks: readonly string[],
  own: string,
): Promise<Neighbour[]> {
  if (networks.length === 0) return [];
  const listed = await docker.listContainers({ filters: { network: [...networks] } });
  const others = listed.filter(({ Id, Labels }) => Id !== own && Labels[ENGINE_LABEL] === undefined);
  const found = await Promise.all(others.map(({ Id }) => namesOf(docker, Id, networks)));
  return found.filter((neighbour) => neighbour !== undefined);
}

async function namesOf(
  docker: Docker,
  id: string,
  networks: readonly string[],
): Promise<Neighbour | undefined> {
  const info = await unlessMissing(docker.getContainer(id).inspect());
  if (!info) return undefined;
  const endpoints = info.NetworkSettings.Networks;
  const aliases = networks.flatMap((network) => endpoints[network]?.Aliases ?? []);
  return { id, names: [info.Name.replace(/^\//, ''), ...aliases], networks: Object.keys(endpoints) };
}

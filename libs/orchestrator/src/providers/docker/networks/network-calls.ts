import type Docker from 'dockerode';
import { isMissing, statusOf, unlessMissing } from '../daemon.js';

/** In this form nothing of the request lands in its URL, which socket proxies write to their logs. */
export function createNetwork(docker: Docker, body: Docker.NetworkCreateOptions): Promise<Docker.Network> {
  return docker.createNetwork({ _query: {}, _body: body } as unknown as Docker.NetworkCreateOptions);
}

/** Disconnects all that is still in a network, then removes it. One that is gone is fine. */
export async function removeNetwork(docker: Docker, name: string): Promise<void> {
  const network = docker.getNetwork(name);
  const found = (await unlessMissing(network.inspect())) as Docker.NetworkInspectInfo | undefined;
  if (!found) return;
  const members = Object.keys(found.Containers ?? {});
  await Promise.all(members.map((member) => disconnect(docker, name, member)));
  await unlessMissing(network.remove());
}

/** Also where the container is in that network already. */
export async function connect(
  docker: Docker,
  network: string,
  container: string,
  aliases: readonly string[] = [],
): Promise<void> {
  // Never the way out of a container that has another one; daemons before 28 go by the names of networks.
  const endpoint = { Aliases: [...aliases], GwPriority: -1 };
  try {
    await docker.getNetwork(network).connect({ Container: container, EndpointConfig: endpoint });
  } catch (error) {
    if (!(statusOf(error) === 403 && /already exists in network/.test(String(error)))) throw error;
  }
}

/** Also where it is not in that network, or either is gone. */
export async function disconnect(docker: Docker, network: string, container: string): Promise<void> {
  try {
    await docker.getNetwork(network).disconnect({ Container: container, Force: true });
  } catch (error) {
    if (!isMissing(error) && !/is not connected to/.test(String(error))) throw error;
  }
}

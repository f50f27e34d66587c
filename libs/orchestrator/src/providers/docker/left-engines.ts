import type Docker from 'dockerode';
import type { LeftEngine } from '../../provider.js';
import { isMissing, statusOf, type Daemon } from './daemon.js';
import { noAddress, removeContainer, whereabouts } from './engine-container.js';
import { ENGINE_LABEL, PROFILE_LABEL, labelled } from './labels.js';
import { LAYOUT } from './layout.js';
import type { EngineNetworks } from './networks/engine-networks.js';
import type { DockerProviderOptions } from './options.js';

/** A container that was made so long ago and never started was left by a proxy that has ended. */
const NEVER_STARTED_S = 120;

export interface LeftParts {
  readonly daemon: Daemon;
  readonly options: DockerProviderOptions;
  readonly networks: EngineNetworks;
  /** Is this engine one of this provider's own? */
  readonly isOwn: (engineId: string) => boolean;
  /**
   * Where given: one that runs and can't be told of is left alone, and this told of it. Else that rejects, as it may be over
   * soon; but one engine must not keep all users waiting for good.
   */
  readonly leaveAlone?: ((engineId: string, error: unknown) => void) | undefined;
}

/** Engines of this deployment, however they are. */
export function listEngines(docker: Docker, deployment: string): Promise<Docker.ContainerInfo[]> {
  return docker.listContainers({ all: true, filters: labelled(deployment) });
}

/**
 * The engines that an earlier proxy has left, reachable for this one. Those made of another image than the present one
 * have no fingerprint. What is left of engines that run no more, or whose network is gone, is removed. Rejects where the
 * daemon does not answer or refuses, and where one that runs has no address (it may be in use, and hold a user's data) unless
 * there is `leaveAlone`.
 */
export async function findLeft(parts: LeftParts, imageId: string | undefined): Promise<LeftEngine[]> {
  const { daemon, options, networks, isOwn } = parts;
  const containers = await listEngines(daemon.calls, options.keys.deployment);
  const others = containers.filter((container) => !isOwn(idOf(container)));
  const left = others.filter(({ State }) => State === 'running');
  const found = await Promise.all(left.map((container) => reach(container, parts, imageId)));
  const dead = others.filter(isLeftover).map(idOf);
  const withNetwork = await networks.engineIds();
  const alone = withNetwork.filter((id) => !isOwn(id) && !containers.some((one) => idOf(one) === id));
  await Promise.allSettled([...dead, ...alone].map((id) => removeEngine(id, parts)));
  return found.filter((engine) => engine !== undefined);
}

/** Whether something of it is there or not. */
export async function removeEngine(
  engineId: string,
  { daemon, networks }: Pick<LeftParts, 'daemon' | 'networks'>,
): Promise<void> {
  await removeContainer(daemon.calls, engineId);
  await networks.remove(engineId);
}

/** Undefined for one that runs no more, or that nobody can reach again; it is removed. */
async function reach(
  container: Docker.ContainerInfo,
  parts: LeftParts,
  imageId: string | undefined,
): Promise<LeftEngine | undefined> {
  const id = idOf(container);
  let host: string | undefined;
  try {
    host = await addressOf(id, parts);
  } catch (error) {
    if (!parts.leaveAlone || isSilence(error)) throw error;
    parts.leaveAlone(id, error);
    return undefined;
  }
  if (host === undefined) {
    await removeEngine(id, parts).catch(() => {});
    return undefined;
  }
  const { port, controlPort } = LAYOUT;
  const { keys } = parts.options;
  const current = imageId === undefined || container.ImageID === imageId;
  const fingerprint = current ? (container.Labels[PROFILE_LABEL] ?? '') : '';
  const secrets = { controlSecret: keys.control(id), callSecret: keys.call(id) };
  return { id, host, port, controlPort, fingerprint, ...secrets };
}

/** The daemon has not answered, which says nothing of this one engine. Errors of our own have no code. */
function isSilence(error: unknown): boolean {
  return statusOf(error) === undefined && (error as NodeJS.ErrnoException).code !== undefined;
}

/** Undefined where it or its network is gone. Whatever else the daemon answers says nothing of the engine. */
async function addressOf(id: string, { daemon, networks }: LeftParts): Promise<string | undefined> {
  try {
    await networks.join(id);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const { running, address, networks: names } = await whereabouts(daemon.calls, id);
  if (running && address === undefined) throw new Error(noAddress(id, names));
  return address;
}

function isLeftover({ State, Created }: Docker.ContainerInfo): boolean {
  if (State === 'created') return Date.now() / 1000 - Created > NEVER_STARTED_S;
  return State === 'exited' || State === 'dead';
}

const idOf = ({ Labels }: Docker.ContainerInfo): string => Labels[ENGINE_LABEL] ?? '';

/** Ids of all engines of which a container is there. */
export async function engineIds(docker: Docker, deployment: string): Promise<string[]> {
  return (await listEngines(docker, deployment)).map(idOf);
}

import type Docker from 'dockerode';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { messageOf } from '@pondpilot/kernel';
import { DEPLOYMENT_LABEL, ENGINE_LABEL, labelled } from '../labels.js';
import { unlessMissing } from '../daemon.js';
import { DEFAULT_NETWORK } from '../options.js';
import { databaseHosts } from './database-hosts.js';
import type { EngineNetworks } from './engine-networks.js';
import {
  ENGINE_NETWORK,
  namedNetworks,
  neighboursIn,
  type Neighbour,
  type OwnContainer,
} from './neighbours.js';
import { connect, createNetwork, disconnect, removeNetwork } from './network-calls.js';
import { randomSubnet } from './subnets.js';

const SUBNET_TRIES = 20;

export interface NetworkPerEngineParts {
  readonly docker: Docker;
  readonly deployment: string;
  /** `containers.network`. */
  readonly configured: string;
  readonly own: OwnContainer;
}

/** A database's container, and by which names an engine shall find it. */
interface Guest {
  readonly id: string;
  readonly aliases: string[];
}

/**
 * For a proxy in a container: a network for each engine, in which there are the proxy, the containers of the engine's
 * databases and nobody else. One without databases elsewhere has no way out.
 */
export class NetworkPerEngine implements EngineNetworks {
  constructor(private readonly parts: NetworkPerEngineParts) {}

  async prepare(): Promise<void> {
    const { configured, own } = this.parts;
    if (configured === DEFAULT_NETWORK || isAmong(configured, own)) return;
    if (isAmong(configured, await this.ownNow())) return;
    const name = own.Name.replace(/^\//, '');
    throw new Error(
      `The proxy's container is not in the network ${configured} (containers.network, CONTAINER_NETWORK): docker network connect ${configured} ${name}, or leave the setting out.`,
    );
  }

  async notice(): Promise<string | undefined> {
    return undefined;
  }

  async enter(engineId: string, databases: readonly AttachedDatabase[]): Promise<string> {
    const { docker, own } = this.parts;
    const hosts = [...new Set(databaseHosts(databases).map(({ host }) => host))];
    const guests = hosts.length > 0 ? await this.guests(hosts) : [];
    const found = new Set(guests.flatMap(({ aliases }) => aliases));
    const name = networkName(engineId);
    // The engine, the proxy and one to come while this proxy still runs.
    await this.create(
      name,
      engineId,
      guests.length + 3,
      hosts.every((host) => found.has(host)),
    );
    try {
      await connect(docker, name, own.Id);
      for (const { id, aliases } of guests) await connect(docker, name, id, aliases);
    } catch (error) {
      await removeNetwork(docker, name).catch(() => {});
      throw error;
    }
    return name;
  }

  join(engineId: string): Promise<void> {
    return connect(this.parts.docker, networkName(engineId), this.parts.own.Id);
  }

  remove(engineId: string): Promise<void> {
    return removeNetwork(this.parts.docker, networkName(engineId));
  }

  async engineIds(): Promise<string[]> {
    const filters = labelled(this.parts.deployment);
    const networks = await this.parts.docker.listNetworks({ filters });
    return networks.map(({ Labels }) => Labels?.[ENGINE_LABEL]).filter((id) => id !== undefined);
  }

  /** A container that is started again must find all its networks: the next proxy may have removed some by then. */
  async detach(): Promise<void> {
    const { docker, own } = this.parts;
    const ids = await this.engineIds();
    await Promise.all(ids.map((id) => disconnect(docker, networkName(id), own.Id)));
  }

  async close(): Promise<void> {
    // Each network has gone with its engine.
  }

  private async create(name: string, engineId: string, containers: number, closed: boolean): Promise<void> {
    for (let left = SUBNET_TRIES; ; left -= 1) {
      try {
        await createNetwork(this.parts.docker, {
          Name: name,
          Driver: 'bridge',
          CheckDuplicate: true,
          Internal: closed,
          IPAM: { Driver: 'default', Config: [{ Subnet: randomSubnet(containers) }] },
          Labels: { [ENGINE_LABEL]: engineId, [DEPLOYMENT_LABEL]: this.parts.deployment },
        });
        return;
      } catch (error) {
        // Subnets are taken at random, so that one may be taken already.
        if (left > 1 && /overlaps/i.test(messageOf(error))) continue;
        throw new Error(`The engine's network could not be made: ${messageOf(error)}`, { cause: error });
      }
    }
  }

  /** Containers that are meant by these hosts, in the networks that the proxy has for it. */
  private async guests(hosts: readonly string[]): Promise<Guest[]> {
    const own = await this.ownNow();
    const neighbours = await neighboursIn(this.parts.docker, namedNetworks(own), own.Id);
    return neighbours.flatMap((neighbour) => asGuest(neighbour, hosts));
  }

  /** With the networks that it was put into since the start. */
  private async ownNow(): Promise<OwnContainer> {
    const { docker, own } = this.parts;
    return (await unlessMissing(docker.getContainer(own.Id).inspect())) ?? own;
  }
}

/** Is the container in this network? Compose puts its project before a network's name. */
function isAmong(network: string, own: OwnContainer): boolean {
  return namedNetworks(own).some((name) => name === network || name.endsWith(`_${network}`));
}

function asGuest({ id, names }: Neighbour, hosts: readonly string[]): Guest[] {
  const aliases = hosts.filter((host) => names.includes(host));
  return aliases.length === 0 ? [] : [{ id, aliases }];
}

const networkName = (engineId: string): string => `${ENGINE_NETWORK}${engineId}`;

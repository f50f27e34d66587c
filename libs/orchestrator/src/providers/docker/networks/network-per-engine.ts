import type Docker from 'dockerode';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { messageOf, systemClock, type Clock } from '@pondpilot/kernel';
import { DEPLOYMENT_LABEL, ENGINE_LABEL, HOSTS_LABEL, labelled } from '../labels.js';
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
/** Readiness, which is asked about every 30 s, is to find a database's new container each time. */
const MEND_AGAIN_MS = 20_000;

export interface NetworkPerEngineParts {
  readonly docker: Docker;
  readonly deployment: string;
  /** `containers.network`. */
  readonly configured: string;
  readonly own: OwnContainer;
  readonly clock?: Clock;
}

/** A database's container, by which names an engine shall find it, and all networks that it is in. */
interface Guest {
  readonly id: string;
  readonly aliases: string[];
  readonly networks: readonly string[];
}

/** What an engine needs of its network. */
interface Wanted {
  readonly hosts: readonly string[];
  /** All of its hosts are in it. */
  readonly closed: boolean;
  /** How many containers among its neighbours they are. */
  readonly guests: number;
}

/**
 * For a proxy in a container: a network for each engine, in which there are the proxy, the containers of the engine's
 * databases and nobody else. One without databases elsewhere has no way out.
 */
export class NetworkPerEngine implements EngineNetworks {
  private mendedAt = -Infinity;

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
    const closed = hosts.every((host) => found.has(host));
    await this.create(name, engineId, { hosts, closed, guests: guests.length });
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

  /**
   * A database's container that is made anew (`docker compose up` with another image) is in none of the networks that the
   * old one was in. Each network tells by its label which hosts its engine has: no other's databases come into it.
   */
  async mend(): Promise<void> {
    const now = (this.parts.clock ?? systemClock).now();
    if (now - this.mendedAt < MEND_AGAIN_MS) return;
    this.mendedAt = now;
    try {
      const networks = await this.engineNetworks();
      const withHosts = networks.filter(({ Labels }) => hostsIn(Labels).length > 0);
      if (withHosts.length === 0) return;
      const neighbours = await this.neighbours();
      await Promise.allSettled(withHosts.map((network) => this.bringBack(network, neighbours)));
    } catch {
      // The daemon is away or refuses: the next look finds the same.
    }
  }

  remove(engineId: string): Promise<void> {
    return removeNetwork(this.parts.docker, networkName(engineId));
  }

  async engineIds(): Promise<string[]> {
    const networks = await this.engineNetworks();
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

  private async create(name: string, engineId: string, { hosts, closed, guests }: Wanted): Promise<void> {
    // Also for databases that are not there yet, the engine, the proxy and one to come while this proxy still runs.
    const containers = Math.max(guests, hosts.length) + 3;
    const known = hosts.length > 0 ? { [HOSTS_LABEL]: hosts.join(',') } : {};
    for (let left = SUBNET_TRIES; ; left -= 1) {
      try {
        await createNetwork(this.parts.docker, {
          Name: name,
          Driver: 'bridge',
          CheckDuplicate: true,
          Internal: closed,
          IPAM: { Driver: 'default', Config: [{ Subnet: randomSubnet(containers) }] },
          Labels: { [ENGINE_LABEL]: engineId, [DEPLOYMENT_LABEL]: this.parts.deployment, ...known },
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
    return (await this.neighbours()).flatMap((neighbour) => asGuest(neighbour, hosts));
  }

  private async neighbours(): Promise<Neighbour[]> {
    const own = await this.ownNow();
    return neighboursIn(this.parts.docker, namedNetworks(own), own.Id);
  }

  /** Puts the databases of an engine that are not in its network into it. */
  private async bringBack(
    { Name: name, Labels }: Docker.NetworkInspectInfo,
    neighbours: readonly Neighbour[],
  ): Promise<void> {
    const guests = neighbours.flatMap((neighbour) => asGuest(neighbour, hostsIn(Labels)));
    const lost = guests.filter(({ networks }) => !networks.includes(name));
    for (const { id, aliases } of lost) await connect(this.parts.docker, name, id, aliases);
  }

  private engineNetworks(): Promise<Docker.NetworkInspectInfo[]> {
    return this.parts.docker.listNetworks({ filters: labelled(this.parts.deployment) });
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

function asGuest({ id, names, networks }: Neighbour, hosts: readonly string[]): Guest[] {
  const aliases = hosts.filter((host) => names.includes(host));
  return aliases.length === 0 ? [] : [{ id, aliases, networks }];
}

const hostsIn = (labels: Readonly<Record<string, string>> | undefined): string[] =>
  (labels?.[HOSTS_LABEL] ?? '').split(',').filter(Boolean);

const networkName = (engineId: string): string => `${ENGINE_NETWORK}${engineId}`;

import type Docker from 'dockerode';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { statusOf, unlessMissing } from '../daemon.js';
import { DEPLOYMENT_LABEL } from '../labels.js';
import { DEFAULT_NETWORK } from '../options.js';
import { databaseHosts } from './database-hosts.js';
import type { EngineNetworks } from './engine-networks.js';
import { createNetwork } from './network-calls.js';

/** Where it is `false`, containers of a bridge network can't reach each other. */
const BETWEEN_CONTAINERS = 'com.docker.network.bridge.enable_icc';

export interface SharedNetworkParts {
  readonly docker: Docker;
  readonly deployment: string;
  /** `containers.network`. */
  readonly configured: string;
  readonly databases: readonly AttachedDatabase[];
}

/**
 * For a proxy on the host, which reaches all containers: one network for all engines. By default it is the deployment's
 * own, where engines can't reach each other, nor anything outside unless a database is there; else the one that is named.
 */
export class SharedNetwork implements EngineNetworks {
  private readonly own: boolean;
  private readonly name: string;
  private readonly outside: boolean;
  private creating: Promise<string> | undefined;

  constructor(private readonly parts: SharedNetworkParts) {
    const { configured, deployment, databases } = parts;
    this.own = configured === DEFAULT_NETWORK;
    this.outside = databaseHosts(databases).length > 0;
    this.name = this.own ? `pondpilot-${deployment}${this.outside ? '' : '-closed'}` : configured;
  }

  async prepare(): Promise<void> {
    await this.id();
  }

  async notice(): Promise<string | undefined> {
    if (this.own) return undefined;
    const found = await this.find();
    if (!found || found.Options?.[BETWEEN_CONTAINERS] === 'false') return undefined;
    return `In the network ${this.name} (containers.network) engines reach each other and all else that is in it: leave the setting out, or create it with -o ${BETWEEN_CONTAINERS}=false.`;
  }

  /** By its id: Docker lets networks of the same name be made in the same moment. */
  enter(): Promise<string> {
    return this.id();
  }

  async join(): Promise<void> {
    // The host reaches it.
  }

  async mend(): Promise<void> {
    // Nothing is in it for engines' sake.
  }

  async remove(): Promise<void> {
    // Other engines are in it.
  }

  async engineIds(): Promise<string[]> {
    return [];
  }

  async detach(): Promise<void> {
    // The engines go on in it.
  }

  async close(): Promise<void> {
    const found = this.own ? await this.find() : undefined;
    if (found) await this.drop(found.Id);
  }

  private async id(): Promise<string> {
    const found = await this.find();
    if (found) return found.Id;
    if (!this.own) {
      throw new Error(
        `There is no network ${this.name} (containers.network, CONTAINER_NETWORK): docker network create ${this.name}, or leave the setting out.`,
      );
    }
    this.creating ??= this.create();
    try {
      return await this.creating;
    } finally {
      this.creating = undefined;
    }
  }

  /** The oldest of that name, which is the same one for all who look. */
  private async find(): Promise<Docker.NetworkInspectInfo | undefined> {
    const listed = await this.parts.docker.listNetworks({ filters: { name: [this.name] } });
    const found = listed.filter(({ Name }) => Name === this.name);
    return found.toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1))[0];
  }

  private async create(): Promise<string> {
    const { docker, deployment } = this.parts;
    const { id } = await createNetwork(docker, {
      Name: this.name,
      Driver: 'bridge',
      Internal: !this.outside,
      Options: { [BETWEEN_CONTAINERS]: 'false' },
      Labels: { [DEPLOYMENT_LABEL]: deployment },
    });
    const oldest = (await this.find())?.Id ?? id;
    // Another proxy of this deployment has made one in the same moment.
    if (oldest !== id) await this.drop(id);
    return oldest;
  }

  private async drop(id: string): Promise<void> {
    try {
      await unlessMissing(this.parts.docker.getNetwork(id).remove());
    } catch (error) {
      // Engines of another proxy of this deployment are in it.
      if (statusOf(error) !== 403) throw error;
    }
  }
}

/** Sorts by time: a fraction of a second has no noughts at its end, and its digits come before `Z`, but after `+` and `-`. */
function ageOf({ Created, Id }: Docker.NetworkInspectInfo): string {
  return Created.replace('Z', '+') + Id;
}

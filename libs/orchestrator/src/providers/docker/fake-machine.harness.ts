import { randomBytes } from 'node:crypto';
import { FakeDaemon, type Answer, type Call } from './fake-daemon.harness.js';

type Labels = Readonly<Record<string, string>>;

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
  state: 'created' | 'running' | 'exited';
  /** Seconds since 1970. */
  readonly created: number;
  readonly imageId: string;
  readonly networkMode: string;
  /** By the names of its networks. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

export interface FakeNetwork {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
  readonly created: string;
  /** What it was made with. */
  readonly request: Call['body'];
  /** Containers' ids, with the names that each has in it. */
  readonly members: Map<string, readonly string[]>;
}

const missing = (what: string): Answer => [404, { message: `${what} not found` }];
const newId = () => randomBytes(32).toString('hex');

/** Containers and networks as a daemon keeps them, without anything running. */
export class FakeMachine extends FakeDaemon {
  readonly containers: FakeContainer[] = [];
  readonly networks: FakeNetwork[] = [];

  constructor() {
    super();
    this.on('GET /containers/json', (call) => [200, this.listed(call)]);
    this.on('GET /containers/*/json', ({ path }) => this.inspected(path.split('/')[2]!));
    this.on('DELETE /containers/*', ({ path }) => this.removed(path.split('/')[2]!));
    this.on('GET /networks', ({ filters }) => [200, this.networksLike(filters).map(told)]);
    this.on('POST /networks/create', ({ body }) => this.created(body));
    this.on('GET /networks/*', ({ path }) => {
      const found = this.network(path.split('/')[2]!);
      return found ? [200, told(found)] : missing('network');
    });
    this.on('DELETE /networks/*', ({ path }) => this.dropped(path.split('/')[2]!));
    this.on('POST /networks/*/connect', ({ path, body }) => this.connected(path.split('/')[2]!, body));
    this.on('POST /networks/*/disconnect', ({ path, body }) => this.disconnected(path.split('/')[2]!, body));
  }

  run(name: string, changed: Partial<FakeContainer> = {}): FakeContainer {
    const container: FakeContainer = {
      id: newId(),
      name,
      labels: {},
      state: 'running',
      created: 0,
      imageId: 'sha256:1',
      networkMode: 'bridge',
      aliases: {},
      ...changed,
    };
    this.containers.push(container);
    for (const [network, aliases] of Object.entries(container.aliases))
      (this.network(network) ?? this.addNetwork(network)).members.set(container.id, aliases);
    return container;
  }

  addNetwork(name: string, changed: Partial<FakeNetwork> = {}): FakeNetwork {
    const created = `2027-01-01T00:00:00.${this.networks.length + 100}Z`;
    const network = { id: newId(), name, labels: {}, created, request: {}, members: new Map(), ...changed };
    this.networks.push(network);
    return network;
  }

  network(key: string): FakeNetwork | undefined {
    return this.networks.find(({ id, name }) => id === key || name === key);
  }

  private container(key: string): FakeContainer | undefined {
    return this.containers.find(({ id, name }) => id === key || name === key || id.slice(0, 12) === key);
  }

  private listed({ query, filters }: Call): unknown[] {
    const within = filters['network'];
    return this.containers
      .filter(({ state }) => query['all'] === 'true' || state === 'running')
      .filter(({ labels }) => hasAll(labels, filters['label']))
      .filter(({ id }) => !within || within.some((name) => this.network(name)?.members.has(id)))
      .map(({ id, name, labels, state, created, imageId }) => ({
        Id: id,
        Names: [`/${name}`],
        Labels: labels,
        State: state,
        Created: created,
        ImageID: imageId,
      }));
  }

  private inspected(key: string): Answer {
    const found = this.container(key);
    if (!found) return missing(key);
    const networks = this.networks.filter(({ members }) => members.has(found.id));
    const endpoints = networks.map(({ name, members }) => [
      name,
      { Aliases: members.get(found.id), IPAddress: found.state === 'running' ? '198.18.0.2' : '' },
    ]);
    return [
      200,
      {
        Id: found.id,
        Name: `/${found.name}`,
        Mounts: [],
        Config: { Labels: found.labels },
        State: { Running: found.state === 'running' },
        HostConfig: { NetworkMode: found.networkMode },
        NetworkSettings: { Networks: Object.fromEntries(endpoints) },
      },
    ];
  }

  private removed(key: string): Answer {
    const found = this.container(key);
    if (!found) return missing(key);
    this.containers.splice(this.containers.indexOf(found), 1);
    for (const { members } of this.networks) members.delete(found.id);
    return [204];
  }

  private networksLike({ name, label }: Call['filters']): FakeNetwork[] {
    return this.networks.filter(
      (network) =>
        (!name || name.some((part) => network.name.includes(part))) && hasAll(network.labels, label),
    );
  }

  private created(request: Call['body']): Answer {
    const subnet = (one: Call['body']) => JSON.stringify(one['IPAM'] ?? null);
    const taken = this.networks.some((one) => one.request['IPAM'] && subnet(one.request) === subnet(request));
    if (taken) return [403, { message: 'Pool overlaps with other one on this address space' }];
    const { Name: name, Labels: labels } = request as { Name: string; Labels: Labels };
    return [201, { Id: this.addNetwork(name, { labels, request }).id }];
  }

  private dropped(key: string): Answer {
    const found = this.network(key);
    if (!found) return missing('network');
    if (found.members.size > 0) return [403, { message: `network ${found.name} has active endpoints` }];
    this.networks.splice(this.networks.indexOf(found), 1);
    return [204];
  }

  private connected(key: string, body: Call['body']): Answer {
    const network = this.network(key);
    const container = this.container(String(body['Container']));
    if (!network || !container) return missing('network or container');
    if (network.members.has(container.id))
      return [
        403,
        { message: `endpoint with name ${container.name} already exists in network ${network.name}` },
      ];
    const { Aliases: aliases = [] } = (body['EndpointConfig'] ?? {}) as { Aliases?: string[] };
    network.members.set(container.id, aliases);
    return [200];
  }

  private disconnected(key: string, body: Call['body']): Answer {
    const network = this.network(key);
    const container = this.container(String(body['Container']));
    if (!network || !container) return missing('network or container');
    if (!network.members.delete(container.id))
      return [500, { message: `container ${container.id} is not connected to network ${network.name}` }];
    return [200];
  }
}

function hasAll(labels: Labels, wanted: readonly string[] = []): boolean {
  return wanted.every((one) => {
    const [name = '', value] = one.split('=');
    return value === undefined ? name in labels : labels[name] === value;
  });
}

function told({ id, name, labels, created, members, request }: FakeNetwork): object {
  const containers = Object.fromEntries([...members.keys()].map((member) => [member, {}]));
  const options = request['Options'] ?? {};
  return { Id: id, Name: name, Labels: labels, Created: created, Containers: containers, Options: options };
}

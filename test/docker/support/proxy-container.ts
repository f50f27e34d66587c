import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { removeDeployment } from '../../e2e/support/docker.js';
import { FlightClient } from '../../e2e/support/flight.js';
import { secondsFromNow, signToken } from '../../e2e/support/tokens.js';
import { until } from '../../e2e/support/until.js';
import { docker, images } from './docker.js';

const SOCKET = '/var/run/docker.sock';

export interface ProxyContainerSettings {
  /** Goes into the configuration as it is. */
  readonly databases?: readonly Record<string, unknown>[];
  /** As `docker run -v` takes them. */
  readonly volumes?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly secret?: string;
  /** Besides its own; the socket's unless they are given. */
  readonly groups?: readonly string[];
}

/** The proxy's image as an operator runs it: in a network of its own, as no root, with the daemon's socket. */
export class ProxyContainer {
  private constructor(
    private readonly container: Docker.Container,
    private readonly folder: string,
    readonly network: string,
    readonly secret: string,
  ) {}

  /** Creates it and starts it; waits for nothing. */
  static async run(
    network: string,
    {
      databases = [],
      volumes = [],
      env = {},
      secret = randomBytes(32).toString('hex'),
      groups = [String(statSync(SOCKET).gid)],
    }: ProxyContainerSettings,
  ): Promise<ProxyContainer> {
    const folder = mkdtempSync(join(tmpdir(), 'proxy-container-'));
    const config = join(folder, 'config.yaml');
    const settings = {
      containers: { image: images.engine, warm_pool: 0 },
      duckdb: { attached_databases: databases },
    };
    writeFileSync(config, JSON.stringify(settings));
    const variables = { JWT_SECRET: secret, CONTAINER_NETWORK: network, ...env };
    const container = await docker.createContainer({
      Image: images.proxy,
      Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      HostConfig: {
        Binds: [`${SOCKET}:${SOCKET}`, `${config}:/config.yaml:ro`, ...volumes],
        GroupAdd: [...groups],
        NetworkMode: network,
      },
    });
    await container.start();
    return new ProxyContainer(container, folder, network, secret);
  }

  /** As `run`, and waits until it is ready. */
  static async start(network: string, settings: ProxyContainerSettings = {}): Promise<ProxyContainer> {
    const proxy = await ProxyContainer.run(network, settings);
    await proxy.ready();
    return proxy;
  }

  get id(): string {
    return this.container.id;
  }

  async ready(): Promise<void> {
    await until('the proxy is ready', async () => {
      if (!(await this.container.inspect()).State.Running) throw new Error(await this.log());
      const url = `http://${await this.address()}:8080/ready`;
      return fetch(url).then(
        (answer) => answer.ok,
        () => false,
      );
    });
  }

  /** In the network that it was started in. */
  async address(): Promise<string> {
    return (await this.container.inspect()).NetworkSettings.Networks[this.network]!.IPAddress;
  }

  async client(user: string): Promise<FlightClient> {
    const token = signToken({ sub: user, exp: secondsFromNow(600) }, this.secret);
    return new FlightClient(8081, token, await this.address());
  }

  /** All that it has written. */
  async log(): Promise<string> {
    return String(await this.container.logs({ stdout: true, stderr: true }));
  }

  /** Resolves with its exit code. */
  async ended(): Promise<number> {
    return ((await this.container.wait()) as { StatusCode: number }).StatusCode;
  }

  async kill(): Promise<void> {
    await this.container.kill();
  }

  async restart(): Promise<void> {
    await this.container.start();
    await this.ready();
  }

  async remove(): Promise<void> {
    await this.container.remove({ force: true });
    await removeDeployment(this.secret);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

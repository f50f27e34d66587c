import type Docker from 'dockerode';
import { postgresPassword } from '../../e2e/support/postgres.js';
import { prepared } from '../../e2e/support/prepared.js';
import { until } from '../../e2e/support/until.js';
import { docker, execIn, images } from './docker.js';

const START = `
initdb -D /tmp/data -U admin -A trust -E UTF8 --locale=C -N >/dev/null
echo 'host all all all scram-sha-256' >> /tmp/data/pg_hba.conf
exec postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off`;

/** The machine's own PostgreSQL in a container, as there is no image of one to be had: it runs from the machine's /usr. */
export class PostgresContainer {
  private constructor(
    private readonly container: Docker.Container,
    private readonly network: string,
  ) {}

  /** One with this name in this network, the database `market`, and the role `reader`, who may read what `sql` makes. */
  static async start(network: string, name: string, sql: string): Promise<PostgresContainer> {
    const bin = prepared.servers.postgres!;
    const container = await docker.createContainer({
      Image: images.engine,
      User: '1000:1000',
      Entrypoint: ['sh', '-c', START],
      WorkingDir: '/tmp',
      Env: [`PATH=${bin}:/usr/bin:/bin`],
      HostConfig: { Binds: ['/usr:/usr:ro'], NetworkMode: network },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [name] } } },
    });
    await container.start();
    const started = new PostgresContainer(container, network);
    await until('PostgreSQL answers', async () => (await started.psql('postgres', 'SELECT 7')).includes('7'));
    await started.psql('postgres', 'CREATE DATABASE market');
    const password = `'${postgresPassword.replaceAll("'", "''")}'`;
    await started.psql(
      'market',
      `${sql}; CREATE ROLE reader LOGIN PASSWORD ${password}; GRANT pg_read_all_data TO reader`,
    );
    return started;
  }

  async address(): Promise<string> {
    return (await this.container.inspect()).NetworkSettings.Networks[this.network]!.IPAddress;
  }

  async remove(): Promise<void> {
    await this.container.remove({ force: true, v: true });
  }

  private psql(database: string, sql: string): Promise<string> {
    return execIn(this.container.id, [
      'psql',
      '-h',
      '/tmp',
      '-U',
      'admin',
      '-d',
      database,
      '-P',
      'pager=off',
      '-qAtc',
      sql,
    ]);
  }
}

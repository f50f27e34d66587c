import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { hostForEngines } from './docker.js';
import { freePort } from './ports.js';
import { prepared } from './prepared.js';
import { ServerProcess, runAsServer, serverFolder } from './server-process.js';

/** Recognisable in whatever leaks it, and with every character that a connection string could stumble over. */
export const postgresPassword = `planted p@ss:w/rd'"%pg\\`;
const adminPassword = 'planted-admin';

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** For tests that need a PostgreSQL server: skipped where there is none. */
export const describeWithPostgres = prepared.servers.postgres ? describe : describe.skip;

/** A real PostgreSQL of the test's own. The role `reader` may read, `writer` may do all; both have `postgresPassword`. */
export class Postgres {
  private constructor(
    private readonly process: ServerProcess,
    readonly port: number,
  ) {}

  /**
   * Starts one with the database `market` and runs this SQL in it, as its owner. `open`: on all addresses of the machine, for
   * containers.
   */
  static async start(sql: string, open = hostForEngines !== '127.0.0.1'): Promise<Postgres> {
    const folder = serverFolder();
    const port = await freePort();
    const data = join(folder, 'data');
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, adminPassword, { mode: 0o644 });
    const init = [
      '-D',
      data,
      '-U',
      'admin',
      `--pwfile=${passwordFile}`,
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '-N',
    ];
    await runAsServer(program('initdb'), [...init, '--locale=C']);
    if (open) appendFileSync(join(data, 'pg_hba.conf'), 'host all all 0.0.0.0/0 scram-sha-256\n');
    const settings = {
      listen_addresses: open ? '*' : '127.0.0.1',
      port,
      unix_socket_directories: '',
      fsync: 'off',
      log_statement: 'all',
      max_locks_per_transaction: 512,
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = new ServerProcess(folder, program('postgres'), ['-D', data, ...options], () =>
      postgres.run('SELECT 1', 'postgres'),
    );
    const postgres: Postgres = new Postgres(server, port);
    try {
      await postgres.process.start();
      await postgres.run('CREATE DATABASE market', 'postgres');
      await postgres.run(`${roles}; ${sql}`);
      await postgres.run(grants);
    } catch (error) {
      await postgres.remove();
      throw error;
    }
    return postgres;
  }

  login(user: 'reader' | 'writer'): Login {
    return { host: hostForEngines, port: this.port, user, password: postgresPassword, database: 'market' };
  }

  /** Runs SQL by psql, past the product. */
  run(sql: string, database = 'market'): Promise<string> {
    const connection = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'admin', '-d', database];
    const options = { env: { PGPASSWORD: adminPassword }, input: sql };
    return runAsServer(program('psql'), ['-XqAt', '-v', 'ON_ERROR_STOP=1', ...connection], options);
  }

  /** All statements that came in, among other lines. */
  log(): string {
    return this.process.log();
  }

  start(): Promise<void> {
    return this.process.start();
  }

  /** Ends all connections and stops; the data stay. */
  stop(): Promise<void> {
    return this.process.stop('SIGINT');
  }

  remove(): Promise<void> {
    return this.process.remove('SIGINT');
  }
}

const program = (name: string) => join(prepared.servers.postgres!, name);

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const roles = ['reader', 'writer']
  .map((role) => `CREATE ROLE ${role} LOGIN PASSWORD ${literal(postgresPassword)}`)
  .join('; ');
const grants = `
  GRANT pg_read_all_data TO reader;
  GRANT pg_read_all_data, pg_write_all_data TO writer;
  GRANT CREATE ON SCHEMA public TO writer;`;

/** The forms that PostgreSQL's documentation has for a connection (34.1.1 Connection Strings). */
export const postgresStrings = {
  url: ({ host, port, user, password, database }: Login) =>
    `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
  'url with an option': (login: Login) =>
    `${postgresStrings.url(login).replace('postgresql:', 'postgres:')}?sslmode=prefer&application_name=the%20tests`,
  'url with the password as an option': ({ host, port, user, password, database }: Login) =>
    `postgresql://${user}@${host}:${port}/${database}?password=${encodeURIComponent(password)}`,
  'keywords and values': ({ host, port, user, password, database }: Login) =>
    `host=${host} port = ${port} user=${user} password='${password.replace(/['\\]/g, '\\$&')}' dbname=${database} sslmode=prefer`,
};

import { join } from 'node:path';
import { describe } from '@jest/globals';
import { freePort } from './ports.js';
import type { Login } from './postgres.js';
import { prepared } from './prepared.js';
import { ServerProcess, runAsServer, serverFolder } from './server-process.js';

/** Recognisable in whatever leaks it, and with every character that a connection string could stumble over. */
export const mariadbPassword = `planted p@ss:w/rd'"%my\\`;

/** For tests that need a MariaDB server: skipped where there is none. */
export const describeWithMariadb = prepared.servers.mariadb ? describe : describe.skip;

/** A real MariaDB of the test's own. The user `reader` may read, `writer` may do all; both have `mariadbPassword`. */
export class Mariadb {
  private constructor(
    private readonly process: ServerProcess,
    readonly port: number,
  ) {}

  /** Starts one with the database `stock` and runs this SQL in it, as its owner. */
  static async start(sql: string): Promise<Mariadb> {
    const { server, tools } = prepared.servers.mariadb!;
    const folder = serverFolder();
    const port = await freePort();
    const data = join(folder, 'data');
    const socket = join(folder, 'socket');
    const common = ['--no-defaults', `--datadir=${data}`];
    const init = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
    await runAsServer(join(tools, 'mariadb-install-db'), [...common, ...init]);
    const options = [
      `--socket=${socket}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
    ];
    const process = new ServerProcess(folder, server, [...common, ...options], () =>
      mariadb.run('SELECT 1', 'mysql'),
    );
    const mariadb: Mariadb = new Mariadb(process, port);
    try {
      await process.start();
      await mariadb.run('CREATE DATABASE stock', 'mysql');
      await mariadb.run(`${users} ${sql}`);
    } catch (error) {
      await mariadb.remove();
      throw error;
    }
    return mariadb;
  }

  login(user: 'reader' | 'writer'): Login {
    return { host: '127.0.0.1', port: this.port, user, password: mariadbPassword, database: 'stock' };
  }

  /** Runs SQL by MariaDB's own client, past the product. */
  run(sql: string, database = 'stock'): Promise<string> {
    const socket = `--socket=${join(this.process.folder, 'socket')}`;
    const args = [
      '--no-defaults',
      '--user=root',
      socket,
      '--batch',
      '--skip-column-names',
      '--default-character-set=utf8mb4',
      database,
    ];
    return runAsServer(join(prepared.servers.mariadb!.tools, 'mariadb'), args, { input: sql });
  }

  start(): Promise<void> {
    return this.process.start();
  }

  /** Ends all connections and stops; the data stay. */
  stop(): Promise<void> {
    return this.process.stop('SIGTERM');
  }

  remove(): Promise<void> {
    return this.process.remove('SIGTERM');
  }
}

const literal = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;
const users = `
  CREATE USER reader@'127.0.0.1' IDENTIFIED BY ${literal(mariadbPassword)};
  CREATE USER writer@'127.0.0.1' IDENTIFIED BY ${literal(mariadbPassword)};
  GRANT SELECT, SHOW VIEW ON stock.* TO reader@'127.0.0.1';
  GRANT ALL ON stock.* TO writer@'127.0.0.1';`;

/** The forms that the documentations of MySQL and of DuckDB's extension have for a connection. */
export const mariadbStrings = {
  url: ({ host, port, user, password, database }: Login) =>
    `mysql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
  'url with an option': (login: Login) => `${mariadbStrings.url(login)}?ssl_mode=preferred`,
  'url with an option as in MySQL Shell': (login: Login) => `${mariadbStrings.url(login)}?ssl-mode=PREFERRED`,
  'keywords and values': ({ host, port, user, password, database }: Login) =>
    `host=${host} port=${port} user=${user} password='${password.replace(/['\\]/g, '\\$&')}' database=${database}`,
};

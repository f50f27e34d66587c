import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttachRequest } from '@pondpilot/duckdb';
import { parseConnectionString } from '@pondpilot/kernel';
import { Mariadb, mariadbStrings } from '../mariadb.js';
import { Postgres, postgresPassword, postgresStrings } from '../postgres.js';
import type { ConfiguredDatabase } from '../product.js';

/** Stands where no attached database is; no statement of an attack holds it. */
export const marker = 'what-the-other-database-keeps';

/** The sign-in `writer` may do on purpose more than one should: what it does not do, something else kept it from. */
const postgresSql = `
  CREATE EXTENSION dblink;
  CREATE SEQUENCE counter;
  CREATE TABLE hits (i integer);
  CREATE VIEW counting AS SELECT nextval('counter') AS n;
  CREATE FUNCTION hit() RETURNS integer LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO hits VALUES (1); RETURN 1; END $$;
  CREATE VIEW hitting AS SELECT hit() AS n;
  GRANT ALL ON SEQUENCE counter TO writer;
  GRANT pg_execute_server_program, pg_read_server_files, pg_write_server_files TO writer;
  GRANT EXECUTE ON FUNCTION pg_read_file(text), lo_import(text) TO writer`;
const mariadbSql = `
  CREATE TABLE two (a varchar(60), b varchar(60));
  CREATE TABLE hits (i integer);
  DELIMITER //
  CREATE FUNCTION hit() RETURNS integer DETERMINISTIC MODIFIES SQL DATA
    BEGIN INSERT INTO hits VALUES (1); RETURN 1; END //
  DELIMITER ;
  CREATE DATABASE other;
  CREATE TABLE other.kept (note varchar(60));
  INSERT INTO other.kept VALUES ('${marker}');
  GRANT ALL ON other.* TO writer@'127.0.0.1';
  GRANT FILE ON *.* TO writer@'127.0.0.1'`;

/** A PostgreSQL and a MariaDB, attached as `pg` and `my` read-only, and `pgdesk` and `desk` for writing. */
export class Servers {
  private constructor(
    readonly postgres: Postgres,
    readonly mariadb: Mariadb,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Servers> {
    const folder = mkdtempSync(join(tmpdir(), 'servers-'));
    chmodSync(folder, 0o777);
    const [postgres, mariadb] = await Promise.all([Postgres.start(postgresSql), Mariadb.start(mariadbSql)]);
    // A view runs what is in it as whoever reads it; by itself it signs in again, out of the transaction.
    const { port } = postgres;
    const password = postgresPassword.replaceAll(/['\\]/g, '\\$&');
    const dsn = `host=127.0.0.1 port=${port} dbname=market user=writer password='${password}'`;
    const quoted = (text: string) => text.replaceAll("'", "''");
    await postgres.run(
      `CREATE VIEW around AS SELECT dblink_exec('${quoted(dsn)}', 'INSERT INTO hits VALUES (1)') AS done;
       REVOKE SELECT ON around FROM PUBLIC`,
    );
    return new Servers(postgres, mariadb, folder);
  }

  get databases(): readonly ConfiguredDatabase[] {
    const pg = postgresStrings.url(this.postgres.login('writer'));
    const my = mariadbStrings.url(this.mariadb.login('writer'));
    return [
      { alias: 'pg', type: 'postgres', connection_string: pg },
      {
        alias: 'pgreader',
        type: 'postgres',
        connection_string: postgresStrings.url(this.postgres.login('reader')),
      },
      { alias: 'pgdesk', type: 'postgres', connection_string: pg, read_only: false },
      { alias: 'my', type: 'mysql', connection_string: my },
      { alias: 'desk', type: 'mysql', connection_string: my, read_only: false },
    ];
  }

  /** The same for DuckDB alone; all for writing where `readOnly` is left out. */
  requests(readOnly: boolean): AttachRequest[] {
    return this.databases.map(({ alias, type, connection_string, read_only }) => {
      const server = type === 'postgres' ? 'postgres' : 'mysql';
      const address = parseConnectionString(server, connection_string);
      if ('problem' in address) throw new Error(address.problem);
      return { alias, type: server, address, readOnly: readOnly && read_only !== false };
    });
  }

  /** A path that the servers may write. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Whether they have written there; no more afterwards. */
  takeFile(name: string): boolean {
    const made = existsSync(this.path(name));
    rmSync(this.path(name), { force: true });
    return made;
  }

  /** All that attacks change. */
  async state(): Promise<string> {
    const [pg, my] = await Promise.all([
      this.postgres.run(
        `SELECT (SELECT count(*) FROM hits), (SELECT last_value::text || is_called FROM counter),
           (SELECT count(*) FROM pg_largeobject_metadata)`,
      ),
      this.mariadb.run(`SELECT (SELECT count(*) FROM hits), (SELECT count(*) FROM other.kept)`),
    ]);
    return pg + my;
  }

  async remove(): Promise<void> {
    await Promise.all([this.postgres.remove(), this.mariadb.remove()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

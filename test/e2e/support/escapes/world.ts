import { chmodSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Postgres } from '../postgres.js';

/** Stands in files that nobody attached; no statement of an attack holds it. */
export const marker = 'harvest-of-the-hidden-field';

/** Files and a schema of PostgreSQL that one side of the attacks has to itself. All that it could write it may write. */
export class World {
  private constructor(
    readonly folder: string,
    /** Name of its schema in PostgreSQL. */
    readonly schema: string,
    readonly postgres: Postgres,
  ) {}

  static async make(template: string, name: string, postgres: Postgres): Promise<World> {
    const folder = join(template, '..', name);
    cpSync(template, folder, { recursive: true });
    open(folder);
    await postgres.run(
      `CREATE SCHEMA ${name}; CREATE TABLE ${name}.hits (i integer); CREATE TABLE ${name}.kept (note text);
       INSERT INTO ${name}.kept VALUES ('${marker}')`,
    );
    return new World(folder, name, postgres);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A file that is not there. */
  out(name: string): string {
    const path = join(this.folder, 'out', name);
    rmSync(path, { recursive: true, force: true });
    return path;
  }

  /** How many rows each of its tables in PostgreSQL has. */
  rows(): Promise<string> {
    return this.postgres.run(
      `SELECT (SELECT count(*) FROM ${this.schema}.hits), (SELECT count(*) FROM ${this.schema}.kept)`,
    );
  }

  hits(): Promise<string> {
    return this.postgres.run(`SELECT count(*) FROM ${this.schema}.hits`);
  }
}

/** Lets every user read and write all of it: what is not done, the engine's protections kept from being done. */
function open(folder: string): void {
  chmodSync(join(folder, '..'), 0o755);
  chmodSync(folder, 0o777);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) open(path);
    else chmodSync(path, 0o666);
  }
}

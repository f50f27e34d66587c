import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Postgres } from '../postgres.js';
import { Unprotected } from './unprotected.js';

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

/** Makes the files that each world gets copies of. Answers their folder; the worlds lie beside it. */
export async function makeTemplate(): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), 'escapes-')), 'template');
  for (const made of [folder, join(folder, 'out')]) mkdirSync(made);
  const path = (name: string) => join(folder, name);
  writeFileSync(path('secret.txt'), marker);
  writeFileSync(path('secret.csv'), `note\n${marker}\n`);
  writeFileSync(path('secret.json'), JSON.stringify([{ note: marker }]));
  const maker = await Unprotected.bare();
  const tables: Record<string, string> = { other: marker, lite: 'open', duck: 'open', spare: 'open' };
  for (const [name, note] of Object.entries(tables)) {
    for (const [ending, options] of [
      ['sqlite', ' (TYPE sqlite)'],
      ['duckdb', ''],
    ] as const) {
      await maker.run(`ATTACH '${path(`${name}.${ending}`)}' AS made${options}`);
      await maker.run(`CREATE TABLE made.notes AS SELECT '${note}' AS note`);
      await maker.run('DETACH made');
    }
  }
  await maker.run(`CREATE TABLE imported AS SELECT '${marker}' AS note`);
  await maker.run(`EXPORT DATABASE '${path('dump')}'`);
  await maker.run(`COPY (SELECT '${marker}' AS note) TO '${path('secret.parquet')}'`);
  await maker.close();
  return folder;
}

export function removeWorlds(template: string): void {
  if (existsSync(template)) rmSync(join(template, '..'), { recursive: true, force: true });
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

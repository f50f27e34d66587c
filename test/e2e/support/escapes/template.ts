import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Unprotected } from './unprotected.js';
import { marker } from './world.js';

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

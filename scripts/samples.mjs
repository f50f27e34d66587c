// Makes the sample databases: `node scripts/samples.mjs`.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureExtensions, extensionDirectory, hasExtension } from './extensions.mjs';
import { extensionSettings, quoted } from './lib/duckdb.mjs';
import { main } from './lib/fail.mjs';
import { runtimeNode } from './lib/node.mjs';
import { cache, duckdb, root } from './lib/paths.mjs';
import { step, succeeded } from './lib/progress.mjs';
import { folderForEngines } from './lib/readable.mjs';
import { run } from './lib/run.mjs';
import { oncePer, sha256 } from './lib/stamp.mjs';

const source = (name) => readFileSync(join(root, 'samples', name), 'utf8');

/** The two samples, as the configuration wants them. */
const kinds = [
  { alias: 'shop', type: 'duckdb', file: 'shop.duckdb', needs: undefined },
  { alias: 'town', type: 'sqlite', file: 'town.sqlite', needs: 'sqlite_scanner' },
];

/** A query over both samples that is worth a look: its text, without comments. */
export const exampleQuery = () =>
  source('example.sql')
    .replace(/^--.*\n/gm, '')
    .trim();

/**
 * Makes the samples that are missing or out of date. Resolves with those that there are:
 * `{ alias, type, connection_string }`. The SQLite sample needs an extension that may not be had.
 */
export async function ensureSamples() {
  await ensureExtensions(['sqlite_scanner']);
  const folder = folderForEngines('samples', join(cache, 'samples'));
  const wanted = kinds.filter(({ needs }) => !needs || hasExtension(needs));
  const fingerprint = () => {
    const files = wanted.map(({ file }) => existsSync(join(folder, file)));
    return sha256(
      duckdb().version,
      source('world.sql'),
      source('shop.sql'),
      source('town.sql'),
      JSON.stringify(files),
    );
  };
  await oncePer(join(folder, '.made'), fingerprint, () =>
    step('Making the sample databases', () => makeSamples(folder, wanted)),
  );
  return wanted.map(({ alias, type, file }) => ({ alias, type, connection_string: join(folder, file) }));
}

async function makeSamples(folder, wanted) {
  const fresh = (file) => join(folder, `new-${file}`);
  for (const { file } of wanted) rmSync(fresh(file), { force: true });
  const parts = wanted.map(
    ({ alias, type, file, needs }) => `
      ${needs ? `LOAD ${needs};` : ''}
      ATTACH ${quoted(fresh(file))} AS ${alias} (TYPE ${type});
      BEGIN; ${source(`${alias}.sql`)}; COMMIT;
      ${type === 'duckdb' ? `CHECKPOINT ${alias};` : ''}
      DETACH ${alias};`,
  );
  const input = [extensionSettings(extensionDirectory), source('world.sql'), ...parts].join('\n');
  succeeded(
    await run(runtimeNode(), [join(root, 'scripts/lib/duckdb-run.mjs')], { input }),
    'Making the samples',
  );
  for (const { file } of wanted) {
    chmodSync(fresh(file), 0o644);
    renameSync(fresh(file), join(folder, file));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    for (const { alias, connection_string } of await ensureSamples())
      console.log(`${alias}: ${connection_string}`);
  });
}

import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureExtensions, extensionDirectory } from '../scripts/extensions.mjs';
import { extensionSettings, quoted } from '../scripts/lib/duckdb.mjs';
import { Failure } from '../scripts/lib/fail.mjs';
import { runtimeNode } from '../scripts/lib/node.mjs';
import { cache, duckdb, root } from '../scripts/lib/paths.mjs';
import { step, succeeded } from '../scripts/lib/progress.mjs';
import { folderForEngines } from '../scripts/lib/readable.mjs';
import { run } from '../scripts/lib/run.mjs';

/** TPC-H's lineitem at scale 1, 6,001,215 rows, in a DuckDB file. Made once; resolves with its path. */
export async function ensureLineitem() {
  const folder = folderForEngines('bench', join(cache, 'bench'));
  const file = join(folder, `lineitem-${duckdb().version}.duckdb`);
  if (existsSync(file)) return file;
  if ((await ensureExtensions(['tpch'])).length > 0)
    throw new Failure('Without the extension tpch there is no data to read.');
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  const input = `${extensionSettings(extensionDirectory)}
    LOAD tpch;
    CALL dbgen(sf = 1);
    ATTACH ${quoted(fresh)} AS made;
    CREATE TABLE made.lineitem AS FROM lineitem;`;
  await step('Making lineitem', async () => {
    succeeded(
      await run(runtimeNode(), [join(root, 'scripts/lib/duckdb-run.mjs')], { input }),
      'Making lineitem',
    );
  });
  chmodSync(fresh, 0o644);
  renameSync(fresh, file);
  return file;
}

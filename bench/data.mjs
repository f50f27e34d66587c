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
import { STREAMS } from './scenarios.mjs';

/** Changes with the statements below, so that a file of older ones is not used. */
const EDITION = 1;

/** Rows and statement of each table. Sizes are such that one read takes about a second at most. */
const TABLES = {
  lineitem: { rows: 3_000_000, sql: 'FROM lineitem' },
  ints: { rows: 10_000_000, sql: 'SELECT i::INTEGER AS a, i * 7919 AS b FROM range(10_000_000) AS r(i)' },
  strings: {
    rows: 2_000_000,
    sql: `SELECT 'customer ' || i AS name, md5(i::VARCHAR) AS hash,
      CASE WHEN i % 10 > 0 THEN repeat('a longer text ', (i % 8)::INTEGER) || i END AS remark FROM range(2_000_000) AS r(i)`,
  },
  nested: {
    rows: 1_000_000,
    sql: `SELECT i AS id, range(i % 8) AS numbers, {'x': i / 3, 'label': 'point ' || i} AS point,
      [{'key': 'k' || j, 'value': j} FOR j IN range(i % 4)] AS pairs FROM range(1_000_000) AS r(i)`,
  },
};

/**
 * A DuckDB file with what is read: each table whole, and the first part of it as TABLE_8 and TABLE_32, so that 8 or 32
 * streams at once carry as much together as one. Made once; resolves with its path.
 */
export async function ensureData() {
  const folder = folderForEngines('bench', join(cache, 'bench'));
  const file = join(folder, `data-${EDITION}-${duckdb().version}.duckdb`);
  if (existsSync(file)) return file;
  if ((await ensureExtensions(['tpch'])).length > 0)
    throw new Failure('Without the extension tpch there is no data to read.');
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  await step('Making the data', async () => {
    const program = [join(root, 'scripts/lib/duckdb-run.mjs')];
    succeeded(await run(runtimeNode(), program, { input: statements(fresh) }), 'Making the data');
  });
  chmodSync(fresh, 0o644);
  renameSync(fresh, file);
  return file;
}

function statements(file) {
  const tables = Object.entries(TABLES).flatMap(([name, { rows, sql }]) =>
    STREAMS.map((streams) =>
      streams === 1
        ? `CREATE TABLE made.${name} AS FROM (${sql}) LIMIT ${rows};`
        : `CREATE TABLE made.${name}_${streams} AS FROM made.${name} LIMIT ${Math.floor(rows / streams)};`,
    ),
  );
  return `${extensionSettings(extensionDirectory)}
    LOAD tpch;
    CALL dbgen(sf = 0.5);
    ATTACH ${quoted(file)} AS made;
    ${tables.join('\n')}`;
}

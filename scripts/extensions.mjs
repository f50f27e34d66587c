// Fetches DuckDB extensions: `node scripts/extensions.mjs [--into FOLDER] [NAME…]`. Without a folder into
// .cache/duckdb-extensions, without names those that attach databases. What is there needs no network any more.
// DUCKDB_EXTENSION_REPOSITORY names a mirror to take them from.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { extensionFile, extensionSources } from './lib/extension-sources.mjs';
import { Failure, main } from './lib/fail.mjs';
import { cache, duckdb, root } from './lib/paths.mjs';
import { step } from './lib/progress.mjs';
import { sha256 } from './lib/stamp.mjs';

/** DuckDB's `extension_directory`: it looks in <dir>/<version>/<platform>/<name>.duckdb_extension. */
export const extensionDirectory = join(cache, 'duckdb-extensions');

/** The extensions that attach SQLite, PostgreSQL and MySQL. */
export const scanners = ['sqlite_scanner', 'postgres_scanner', 'mysql_scanner'];

export const hasExtension = (name, directory = extensionDirectory) =>
  existsSync(extensionFile(name, directory));

/**
 * Makes these extensions available, without a network where they are already. Resolves with the names that could not
 * be had; why not is told on standard output. Throws where DUCKDB_EXTENSION_REPOSITORY is no place to take them from.
 */
export async function ensureExtensions(names, directory = extensionDirectory) {
  const wanted = names.filter((name) => !hasExtension(name, directory));
  const sources = wanted.length > 0 ? extensionSources() : [];
  const missing = [];
  for (const name of wanted) {
    try {
      await step(`Fetching DuckDB's extension ${name}`, () => fetchExtension(name, directory, sources));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.log(error.message.replaceAll(/^/gm, '  '));
      missing.push(name);
    }
  }
  return missing;
}

/** From the first source that has it. Throws where none does, with a line for each, and where it is not the right one. */
async function fetchExtension(name, directory, sources) {
  mkdirSync(directory, { recursive: true });
  const folder = mkdtempSync(join(directory, 'fetch-'));
  try {
    await installFromFirst(sources, name, folder);
    verify(name, extensionFile(name, folder));
    mkdirSync(dirname(extensionFile(name, directory)), { recursive: true });
    renameSync(extensionFile(name, folder), extensionFile(name, directory));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function installFromFirst(sources, name, folder) {
  const problems = [];
  for (const { title, install } of sources) {
    const problem = await install(name, folder);
    if (problem === undefined) return;
    problems.push(`${title}: ${problem}`);
  }
  throw new Failure(problems.join('\n'));
}

/** Throws where the file is not the one that was tried; a version or platform without a checksum passes. */
function verify(name, file) {
  const { version, platform } = duckdb();
  const sums = JSON.parse(readFileSync(join(root, 'scripts/extensions.sha256.json'), 'utf8'));
  const expected = sums[version]?.[platform]?.[name];
  if (!expected || sha256(readFileSync(file)) === expected) return;
  throw new Failure(
    `The extension ${name} for DuckDB ${version} is not the one in scripts/extensions.sha256.json. Where it was published anew, update the checksum there.`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    const { values, positionals } = parseArgs({
      options: { into: { type: 'string', default: extensionDirectory } },
      allowPositionals: true,
    });
    const missing = await ensureExtensions(
      positionals.length > 0 ? positionals : scanners,
      resolve(values.into),
    );
    if (missing.length === 0) return;
    throw new Failure(
      `Not available: ${missing.join(', ')}. docs/operating.md tells how to take extensions from a mirror, or to put their files there.`,
    );
  });
}

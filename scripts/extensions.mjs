// Fetches DuckDB extensions: `node scripts/extensions.mjs [--into FOLDER] [NAME…]`. Without a folder into
// .cache/duckdb-extensions, without names those that attach databases. What is there needs no network any more.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { extensionSettings } from './lib/duckdb.mjs';
import { Failure, main } from './lib/fail.mjs';
import { runtimeNode } from './lib/node.mjs';
import { cache, duckdb, root } from './lib/paths.mjs';
import { step } from './lib/progress.mjs';
import { run } from './lib/run.mjs';
import { sha256 } from './lib/stamp.mjs';

/** DuckDB's `extension_directory`: it looks in <dir>/<version>/<platform>/<name>.duckdb_extension. */
export const extensionDirectory = join(cache, 'duckdb-extensions');

/** The extensions that attach SQLite, PostgreSQL and MySQL. */
export const scanners = ['sqlite_scanner', 'postgres_scanner', 'mysql_scanner'];

const fileOf = (name, base) => {
  const { version, platform } = duckdb();
  return join(base, version, platform, `${name}.duckdb_extension`);
};

export const hasExtension = (name, directory = extensionDirectory) => existsSync(fileOf(name, directory));

/**
 * Makes these extensions available, without a network where they are already. Resolves with the names that could not
 * be had; why not is told on standard output.
 */
export async function ensureExtensions(names, directory = extensionDirectory) {
  const missing = [];
  for (const name of names.filter((wanted) => !hasExtension(wanted, directory))) {
    try {
      await step(`Fetching DuckDB's extension ${name}`, () => fetchExtension(name, directory));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.log(`  ${error.message}`);
      missing.push(name);
    }
  }
  return missing;
}

/** By pip where that works, else by DuckDB itself. Throws where neither does. */
async function fetchExtension(name, directory) {
  mkdirSync(directory, { recursive: true });
  const folder = mkdtempSync(join(directory, 'fetch-'));
  try {
    const pip = await installWithPip(name, folder);
    const duck = pip && (await installWithDuckDB(name, folder));
    if (duck)
      throw new Failure(`By pip: ${pip.trim().split('\n').at(-1)}. By DuckDB: ${duck.trim().split('\n')[0]}`);
    verify(name, fileOf(name, folder));
    mkdirSync(dirname(fileOf(name, directory)), { recursive: true });
    renameSync(fileOf(name, folder), fileOf(name, directory));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The wheel `duckdb-extension-NAME` has the extension as DuckDB signed it. There are wheels for Linux x64 only. */
async function installWithPip(name, folder) {
  const { version, platform } = duckdb();
  if (platform !== 'linux_amd64') return `no wheel for ${platform}`;
  const wheel = `duckdb-extension-${name.replaceAll('_', '-')}==${version.slice(1)}`;
  const download = [
    '-m',
    'pip',
    'download',
    '-q',
    '--no-deps',
    '--only-binary=:all:',
    '--timeout=15',
    '--retries=1',
  ];
  const fetched = await run('python3', [...download, '-d', folder, wheel], { cwd: tmpdir() });
  if (fetched.code !== 0) return fetched.output;
  const [tag] = wheel.split('==');
  const file = `${tag.replaceAll('-', '_')}-${version.slice(1)}-py3-none-manylinux2014_x86_64.whl`;
  const unpacked = await run('python3', ['-m', 'zipfile', '-e', join(folder, file), folder]);
  if (unpacked.code !== 0) return unpacked.output;
  const inside = join(folder, tag.replaceAll('-', '_'), 'extensions', version, `${name}.duckdb_extension`);
  mkdirSync(dirname(fileOf(name, folder)), { recursive: true });
  renameSync(inside, fileOf(name, folder));
  return undefined;
}

/** DuckDB's INSTALL, from its own repository of extensions; it checks the signature when it loads one. */
async function installWithDuckDB(name, folder) {
  const runner = join(root, 'scripts/lib/duckdb-run.mjs');
  const sql = `${extensionSettings(folder)} INSTALL ${name};`;
  const done = await run(runtimeNode(), [runner], { input: sql });
  return done.code === 0 ? undefined : done.output;
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
    if (missing.length > 0) throw new Failure(`Not available: ${missing.join(', ')}.`);
  });
}

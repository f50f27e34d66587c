import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { extensionSettings, quoted } from './duckdb.mjs';
import { Failure } from './fail.mjs';
import { runtimeNode } from './node.mjs';
import { duckdb, root } from './paths.mjs';
import { run } from './run.mjs';

/** Where DuckDB looks for an extension below its `extension_directory`, and INSTALL puts it. */
export function extensionFile(name, directory) {
  const { version, platform } = duckdb();
  return join(directory, version, platform, `${name}.duckdb_extension`);
}

/**
 * Where extensions are taken from, in the order to try: the mirror alone, where DUCKDB_EXTENSION_REPOSITORY names one.
 * `install(name, folder)` puts the file where `extensionFile` says; it resolves with undefined, or with what went wrong
 * in one line.
 */
export function extensionSources() {
  const mirror = mirrorFrom(process.env.DUCKDB_EXTENSION_REPOSITORY);
  if (mirror) return [{ title: `From ${mirror}`, install: installFrom(mirror) }];
  return [
    { title: 'By pip', install: installWithPip },
    { title: "By DuckDB's INSTALL", install: installFrom(undefined) },
  ];
}

/** An http:// address or a folder's path. DuckDB speaks https only with an extension that may not be there yet. */
function mirrorFrom(setting) {
  if (!setting) return undefined;
  if (!/^[a-z][a-z\d+.-]*:/i.test(setting)) return resolve(setting);
  const url = URL.canParse(setting) ? new URL(setting) : undefined;
  if (url?.protocol === 'http:' && !url.username && !url.password) return setting.replace(/\/+$/, '');
  throw new Failure(
    'DUCKDB_EXTENSION_REPOSITORY must be an http:// address without user and password, or the path of a folder. DuckDB verifies the signatures of what it fetches.',
  );
}

/** The wheel `duckdb-extension-NAME` has the extension as DuckDB signed it. There are wheels for Linux x64 only. */
async function installWithPip(name, folder) {
  const { version, platform } = duckdb();
  if (platform !== 'linux_amd64') return `there is no wheel for ${platform}`;
  const wheel = `duckdb-extension-${name.replaceAll('_', '-')}`;
  const fetched = await download(`${wheel}==${version.slice(1)}`, folder);
  if (fetched.code !== 0) return pipProblem(fetched);
  const distribution = wheel.replaceAll('-', '_');
  const file = join(folder, `${distribution}-${version.slice(1)}-py3-none-manylinux2014_x86_64.whl`);
  const unpacked = await run('python3', ['-m', 'zipfile', '-e', file, folder]);
  if (unpacked.code !== 0) return lastLine(unpacked.output);
  const inside = join(folder, distribution, 'extensions', version, `${name}.duckdb_extension`);
  if (!existsSync(inside)) return `the wheel ${wheel} does not hold the extension`;
  mkdirSync(dirname(extensionFile(name, folder)), { recursive: true });
  renameSync(inside, extensionFile(name, folder));
  return undefined;
}

function download(requirement, folder) {
  const quickly = ['--timeout=15', '--retries=1', '--disable-pip-version-check'];
  const wheelAlone = ['--no-deps', '--only-binary=:all:', '-d', folder, requirement];
  return run('python3', ['-m', 'pip', 'download', '-q', ...quickly, ...wheelAlone], { cwd: tmpdir() });
}

/** 127 is what `run` answers for a program that can't be started. */
const pipProblem = ({ code, output }) => (code === 127 ? 'python3 is not there' : lastLine(output));

const lastLine = (output) => output.trim().split('\n').at(-1) || 'it failed without saying why';

/**
 * DuckDB's INSTALL, which verifies the signature; without a repository from DuckDB's own. It wants a home, which
 * services and containers may not have.
 */
const installFrom = (repository) => async (name, folder) => {
  const from = repository ? `FROM ${quoted(repository)}` : '';
  const input = `SET home_directory = ${quoted(folder)}; ${extensionSettings(folder)} INSTALL ${name} ${from};`;
  const done = await run(runtimeNode(), [join(root, 'scripts/lib/duckdb-run.mjs')], { input });
  return done.code === 0 ? undefined : duckdbProblem(done.output);
};

/** The first line of DuckDB's message, and the reason that stands at its end where the connection failed. */
function duckdbProblem(output) {
  const [first] = output.trim().split('\n');
  const [reason] = /\(ERROR [^)]*\)(?=\s*$)/.exec(output) ?? [];
  return [first || 'it failed without saying why', reason].filter(Boolean).join(' ');
}

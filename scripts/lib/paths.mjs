import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** What can be made again: downloads, samples, benchmark data. Untracked. */
export const cache = join(root, '.cache');
/** What belongs to this checkout alone: the secret, the try-out's settings. Untracked. */
export const state = join(root, '.pondpilot');
export const proxyMain = join(root, 'apps/proxy/dist/main.js');
export const engineBuild = join(root, 'apps/engine/build.mjs');

const venv = join(cache, 'python/bin/python');
/** The Python that has the Flight clients, where `npm run test:setup` made one. */
export const python = () => (existsSync(venv) ? venv : undefined);

/** Requires what a library of ours depends on, wherever npm put it. */
export const requireFrom = (lib) => createRequire(join(root, lib, 'package.json'));

/** The DuckDB that everything here uses: libs/duckdb/package.json is where its version stands. */
export function duckdb() {
  const bindings = requireFrom('libs/duckdb')('./package.json').dependencies['@duckdb/node-bindings'];
  const version = `v${bindings.split('-')[0]}`;
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const platform = process.platform === 'darwin' ? `osx_${arch}` : `${process.platform}_${arch}`;
  return { version, platform };
}

/** The shared library that npm brought for this platform. Throws where there is none. */
export function duckdbLibrary() {
  const require = requireFrom('libs/duckdb');
  const suffix = process.platform === 'darwin' ? 'dylib' : 'so';
  const name = `@duckdb/node-bindings-${process.platform}-${process.arch}`;
  const inBindings = createRequire(require.resolve('@duckdb/node-bindings/package.json'));
  return join(dirname(inBindings.resolve(`${name}/package.json`)), `libduckdb.${suffix}`);
}

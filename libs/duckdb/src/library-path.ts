import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DomainError } from '@pondpilot/kernel';

/** File names of DuckDB's shared library, by `process.platform`. */
const FILES: Readonly<Record<string, string>> = {
  linux: 'libduckdb.so',
  darwin: 'libduckdb.dylib',
  win32: 'duckdb.dll',
};

/**
 * Where npm put DuckDB's shared library for this platform (it comes with `@duckdb/node-bindings`).
 * Throws `unavailable` where there is none.
 */
export function duckdbLibraryPath(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const bindings = createRequire(createRequire(import.meta.url).resolve('@duckdb/node-bindings'));
    const manifest = bindings.resolve(`@duckdb/node-bindings-${platform}/package.json`);
    return join(dirname(manifest), FILES[process.platform] ?? 'libduckdb.so');
  } catch (cause) {
    throw new DomainError(
      'unavailable',
      `There is no DuckDB library for ${platform}. Install the npm packages anew.`,
      {
        cause,
      },
    );
  }
}

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** File names of DuckDB's shared library, by `process.platform`. */
const FILES: Readonly<Record<string, string>> = { darwin: 'libduckdb.dylib', win32: 'duckdb.dll' };

/**
 * Where npm put DuckDB's shared library for this platform (it comes with `@duckdb/node-bindings`). Where it put none,
 * the place where it would be, so that whoever finds it missing can say what.
 */
export function duckdbLibraryPath(): string {
  const file = FILES[process.platform] ?? 'libduckdb.so';
  const platform = `@duckdb/node-bindings-${process.platform}-${process.arch}`;
  try {
    const bindings = createRequire(
      createRequire(import.meta.url).resolve('@duckdb/node-bindings/package.json'),
    );
    return join(dirname(bindings.resolve(`${platform}/package.json`)), file);
  } catch {
    return join('node_modules', platform, file);
  }
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { duckdbLibraryPath } from '@pondpilot/duckdb/library';
import type { ProcessProviderOptions } from '@pondpilot/orchestrator';

/**
 * What engines are run with as child processes: this Node, the engine's bundle (`apps/engine/build.mjs` makes it), and
 * the DuckDB that npm brought for this platform. What is missing is named all the same, and found missing by the
 * provider's check, which says what to do.
 */
export function engineRuntime(): Pick<
  ProcessProviderOptions,
  'node' | 'nodeArguments' | 'entry' | 'files' | 'duckdbLibrary'
> {
  const bundle = fileURLToPath(new URL('../../../engine/dist/bundle', import.meta.url));
  return {
    node: process.execPath,
    // Small young generations: after thousands of queries an engine has 165 MB resident instead of 211.
    nodeArguments: ['--max-semi-space-size=4'],
    entry: join(bundle, 'engine.mjs'),
    files: filesBeside(bundle, 'engine.mjs'),
    duckdbLibrary: duckdbLibraryPath(),
  };
}

function filesBeside(folder: string, entry: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name !== entry).map((name) => join(folder, name));
}

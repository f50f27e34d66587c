import { existsSync } from 'node:fs';
import { fileProblem } from './database-files.js';
import type { ProcessProviderOptions } from './options.js';

/** What is missing of all that an engine is run with, and how to get it; undefined where nothing is. */
export function missingPart(options: ProcessProviderOptions): string | undefined {
  const { node, entry, duckdbLibrary, extensionDirectory, files = [] } = options;
  const missing = (path: string | undefined) => path !== undefined && !existsSync(path);
  if (missing(node)) return `The Node binary ${node} is missing: install Node again, then restart.`;
  if (missing(entry)) return `The engine program ${entry} is missing: build the project (npm run build).`;
  if (missing(duckdbLibrary)) return `DuckDB's library ${duckdbLibrary} is missing: run npm install.`;
  if (missing(extensionDirectory)) {
    return `The folder of DuckDB's extensions ${extensionDirectory} is missing: make it, or take it out of the configuration.`;
  }
  const file = files.find(missing);
  return file === undefined ? undefined : `${file}, which engines need, is missing: build the project again.`;
}

/** All database files that engines can't use, in one line; undefined where there are none. */
export async function databaseProblems(
  options: ProcessProviderOptions,
  ownUser: boolean,
): Promise<string | undefined> {
  const found = await Promise.all(
    (options.databases ?? []).map((database) => fileProblem(database, ownUser)),
  );
  const problems = found.filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : problems.join('; ');
}

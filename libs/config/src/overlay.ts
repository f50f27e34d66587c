import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvBinding } from './bindings.js';
import type { Problem } from './problems.js';
import type { ConfigSources } from './sources.js';

type Tree = Record<string, unknown>;

/** The file's data with what the environment says on top of it, as a copy. */
export function overlayEnvironment(
  file: unknown,
  bindings: readonly EnvBinding[],
  sources: ConfigSources,
  problems: Problem[],
): unknown {
  if (!isTree(file)) return file;
  const result = structuredClone(file);
  for (const binding of bindings) {
    if (binding.secret) refuseInFile(result, binding, problems);
    const value = binding.secret ? readSecret(binding, sources, problems) : sources.env[binding.variable];
    if (value !== undefined) setAt(result, binding.path, value);
  }
  return result;
}

/** A secret comes from the file that `<NAME>_FILE` names, else from `<NAME>`, else from Docker's secrets. */
function readSecret(binding: EnvBinding, sources: ConfigSources, problems: Problem[]): string | undefined {
  const { variable, path } = binding;
  const named = sources.env[`${variable}_FILE`];
  if (named) {
    const value = readTrimmed(named);
    if (value === undefined)
      problems.push({ path, message: `the file that ${variable}_FILE names can't be read` });
    return value;
  }
  return sources.env[variable] ?? readTrimmed(join(sources.secretsDirectory, variable.toLowerCase()));
}

/** Editors and `echo` end a file with a line break that is not part of the secret. */
function readTrimmed(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function refuseInFile(tree: Tree, { path, variable }: EnvBinding, problems: Problem[]): void {
  const parent = parentOf(tree, path, false);
  const key = path.at(-1) ?? '';
  if (!parent || !Object.hasOwn(parent, key)) return;
  delete parent[key];
  const message = `does not belong into the file (${path.join('.')}): set ${variable} or ${variable}_FILE`;
  problems.push({ path, message });
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const parent = parentOf(tree, path, true);
  if (parent) parent[path.at(-1) ?? ''] = value;
}

/** The section that a setting stands in; undefined where the file has something else in its place. */
function parentOf(tree: Tree, path: readonly string[], create: boolean): Tree | undefined {
  let section: unknown = tree;
  for (const key of path.slice(0, -1)) {
    if (!isTree(section)) return undefined;
    if (create && !Object.hasOwn(section, key)) section[key] = {};
    section = Object.hasOwn(section, key) ? section[key] : undefined;
  }
  return isTree(section) ? section : undefined;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

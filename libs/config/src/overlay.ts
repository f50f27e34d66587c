import type { Setting } from './catalogue.js';
import type { Problem } from './problems.js';
import type { ConfigSources } from './sources.js';
import { readVariable, type Variable } from './variables.js';

type Tree = Record<string, unknown>;

/** The file's data with what the environment says on top of it, as a copy. */
export function overlayEnvironment(
  file: unknown,
  settings: readonly Setting[],
  sources: ConfigSources,
  problems: Problem[],
): unknown {
  if (!isTree(file)) return file;
  const result = structuredClone(file);
  for (const { path, meta } of settings) {
    if (meta.env === undefined) continue;
    if (meta.envOnly) refuseInFile(result, path, meta.env, problems);
    const { value, problem } = meta.secret ? readVariable(meta.env, sources) : plain(meta.env, sources);
    if (problem) problems.push({ path, message: problem });
    if (value !== undefined) setAt(result, path, value);
  }
  return result;
}

function plain(variable: string, { env }: ConfigSources): Variable {
  const value = env[variable];
  return value === undefined ? {} : { value };
}

function refuseInFile(tree: Tree, path: readonly string[], variable: string, problems: Problem[]): void {
  const parent = parentOf(tree, path, false);
  const key = path.at(-1) ?? '';
  if (parent?.[key] === undefined) return;
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
    if (create) section[key] ??= {};
    section = section[key];
  }
  return isTree(section) ? section : undefined;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { z } from 'zod';
import { DomainError } from '@pondpilot/kernel';
import type { Setting } from './catalogue.js';
import { didYouMean } from './did-you-mean.js';

/** What is wrong with one setting, or with the file as a whole. */
export type Problem = { readonly message: string } & (
  { readonly path: readonly PropertyKey[]; readonly file?: never } | { readonly file: string }
);

/** The configuration can't be used. `problems` has a line for each thing to repair, none of which holds a value. */
export class ConfigError extends DomainError {
  constructor(readonly problems: readonly string[]) {
    super('failed_precondition', problems.join('\n'));
  }
}

/** What the schema found, in the words of someone who writes the file. */
export function problemsOfIssues(
  issues: readonly z.core.$ZodIssue[],
  settings: readonly Setting[],
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = [...issue.path, key];
        return { path, message: `is not a setting${didYouMean(path, settings)}` };
      });
    }
    if (issue.code === 'invalid_type') {
      const expected = issue.expected === 'array' ? 'a list' : 'a section with settings below it';
      return [{ path: issue.path, message: `must be ${expected}` }];
    }
    return [{ path: issue.path, message: issue.message }];
  });
}

/** One line each, e.g. `server.port (PORT): must be a port from 0 to 65535`; of several for one setting, the first. */
export function describeProblems(problems: readonly Problem[], settings: readonly Setting[]): string[] {
  const labels = new Map(settings.map(({ path, meta }) => [pathText(path), meta]));
  const lines = new Map<string, string>();
  for (const problem of problems) {
    const where = problem.file ?? pathText(problem.path);
    const meta = labels.get(where);
    const variable = meta?.env === undefined ? '' : ` (${meta.env})`;
    const label = meta?.envOnly ? meta.env : `${where}${variable}`;
    if (!lines.has(where)) lines.set(where, `${label}: ${problem.message}`);
  }
  return [...lines.values()];
}

/**
 * `duckdb.attached_databases[0].alias`. Keys come from the file, where a slip can turn anything into a key: what does
 * not look like the name of a setting is not shown.
 */
export function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (key === '[]') return `${text}[]`;
    const name = /^[A-Za-z_][\w-]{0,39}$/.test(String(key)) ? String(key) : '?';
    return text ? `${text}.${name}` : name;
  }, '');
}

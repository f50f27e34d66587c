import type { z } from 'zod';
import { DomainError } from '@pondpilot/kernel';
import type { EnvBinding } from './bindings.js';

/** What is wrong with one setting. `path` is where it stands; empty for the file as a whole. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The configuration can't be used. `problems` has a line for each thing to repair, none of which holds a value. */
export class ConfigError extends DomainError {
  constructor(readonly problems: readonly string[]) {
    super('failed_precondition', problems.join('\n'));
  }
}

/** What the schema found, in the words of someone who writes the file. */
export function problemsOfIssues(issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not a setting' }));
    }
    if (issue.code === 'invalid_type') {
      const expected = issue.expected === 'array' ? 'a list' : 'a section with settings below it';
      return [{ path: issue.path, message: `must be ${expected}` }];
    }
    return [{ path: issue.path, message: issue.message }];
  });
}

/** One line each, e.g. `server.port (PORT): must be a port from 0 to 65535`; of several for one setting, the first. */
export function describeProblems(problems: readonly Problem[], bindings: readonly EnvBinding[]): string[] {
  const lines = new Map<string, string>();
  for (const { path, message } of problems) {
    const where = pathText(path);
    if (!lines.has(where)) lines.set(where, `${label(where, bindings)}: ${message}`);
  }
  return [...lines.values()];
}

function label(where: string, bindings: readonly EnvBinding[]): string {
  const binding = bindings.find(({ path }) => pathText(path) === where);
  if (!binding) return where;
  return binding.secret ? binding.variable : `${where} (${binding.variable})`;
}

/** `duckdb.attached_databases[0].alias`; keys come from the file, so what can't be printed is left out. */
export function pathText(path: readonly PropertyKey[]): string {
  const joined = path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    '',
  );
  return joined.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

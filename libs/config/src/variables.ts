import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigSources } from './sources.js';

/** What a variable holds, or why that can't be told; neither where it is not set. */
export interface Variable {
  readonly value?: string;
  readonly problem?: string;
}

/**
 * A variable that may be a secret: it is taken from the file that `<NAME>_FILE` names, else from `<NAME>`, else from
 * Docker's secrets, where it has its name in lower case.
 */
export function readVariable(name: string, { env, secretsDirectory }: ConfigSources): Variable {
  const file = env[`${name}_FILE`];
  if (file) {
    const named = readTrimmed(file);
    return named.value || named.problem
      ? named
      : { problem: `the file that ${name}_FILE names is not there, or empty` };
  }
  const value = env[name];
  return value ? { value } : readTrimmed(join(secretsDirectory, name.toLowerCase()));
}

/** Neither value nor problem where there is no file or nothing in it. Editors and `echo` end a file with a line break. */
function readTrimmed(file: string): Variable {
  try {
    const value = readFileSync(file, 'utf8').trim();
    return value === '' ? {} : { value };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return code === 'ENOENT' || code === 'ENOTDIR' ? {} : { problem: `${file} can't be read (${code})` };
  }
}

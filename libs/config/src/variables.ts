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
export function readVariable(name: string, sources: ConfigSources): Variable {
  const file = sources.env[`${name}_FILE`];
  if (file) return { ...missing(`${name}_FILE`), ...readTrimmed(file, `the file that ${name}_FILE names`) };
  const value = sources.env[name];
  if (value) return { value };
  return readTrimmed(join(sources.secretsDirectory, name.toLowerCase()), "the file in Docker's secrets");
}

function missing(variable: string): Variable {
  return { problem: `the file that ${variable} names is not there` };
}

/** Editors and `echo` end a file with a line break that is not part of the secret. */
function readTrimmed(file: string, what: string): Variable {
  try {
    const value = readFileSync(file, 'utf8').trim();
    return value === '' ? { problem: `${what} is empty` } : { value };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return code === 'ENOENT' || code === 'ENOTDIR' ? {} : { problem: `${what} can't be read (${code})` };
  }
}

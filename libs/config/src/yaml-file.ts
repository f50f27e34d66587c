import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Problem } from './problems.js';
import type { ConfigSources } from './sources.js';

/**
 * The YAML file as plain data, `{}` where there is none. It is the one that `CONFIG_FILE` names, else `config.yaml`
 * in the working directory, else the one at the root, where the container image expects it.
 */
export function readConfigFile(sources: ConfigSources, problems: Problem[]): unknown {
  const named = sources.env['CONFIG_FILE'];
  if (named) return readYaml(named, true, problems) ?? {};
  return (
    readYaml(join(sources.cwd, 'config.yaml'), false, problems) ??
    readYaml(sources.rootFile, false, problems) ??
    {}
  );
}

function readYaml(file: string, required: boolean, problems: Problem[]): unknown {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' && !required) return undefined;
    problems.push({ path: [file], message: unreadable(code) });
    return {};
  }
  return parseYaml(file, source, problems);
}

function unreadable(code: string): string {
  if (code === 'EISDIR') return 'is a folder, not a file (Docker makes one where a file to mount is missing)';
  return `can't be read (${code}): check the path, CONFIG_FILE and the permissions`;
}

/**
 * Of the parser's errors only the first is told, the others mostly follow from it; and of that only code and place,
 * because its message quotes the file, which may hold secrets.
 */
function parseYaml(file: string, source: string, problems: Problem[]): unknown {
  const document = parseDocument(source);
  const error = document.errors[0];
  if (error) {
    const place = error.linePos ? `${file}:${error.linePos[0].line}:${error.linePos[0].col}` : file;
    problems.push({
      path: [place],
      message: `is not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
    });
    return {};
  }
  try {
    return document.toJS() ?? {};
  } catch {
    problems.push({ path: [file], message: 'is not valid YAML (its aliases do not resolve)' });
    return {};
  }
}

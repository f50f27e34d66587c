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
    problems.push({ file, message: unreadable(code) });
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
 * because its message quotes the file, which may hold secrets. So do its warnings, hence the level.
 */
function parseYaml(file: string, source: string, problems: Problem[]): unknown {
  try {
    const document = parseDocument(source, { logLevel: 'error' });
    const error = document.errors[0];
    if (!error) return withoutCycles(document.toJS()) ?? {};
    const place = error.linePos ? `${file}:${error.linePos[0].line}:${error.linePos[0].col}` : file;
    problems.push({ file: place, message: `is not valid YAML (${words(error.code)})` });
  } catch {
    problems.push({
      file,
      message: 'is not valid YAML (its aliases do not resolve, or it is nested too deep)',
    });
  }
  return {};
}

function words(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}

/** The same; throws where an alias stands within what it refers to, as JSON can't hold that. */
function withoutCycles(data: unknown): unknown {
  JSON.stringify(data);
  return data;
}

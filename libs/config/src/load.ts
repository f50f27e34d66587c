import { settingsOf } from './catalogue.js';
import type { AppConfig } from './app-config.js';
import { crossChecks } from './cross-checks.js';
import { deepFreeze } from './freeze.js';
import { interpolate } from './interpolate.js';
import { overlayEnvironment } from './overlay.js';
import { ConfigError, describeProblems, problemsOfIssues, type Problem } from './problems.js';
import { configSchema } from './schema.js';
import { configSources, type SourceOptions } from './sources.js';
import { toAppConfig } from './to-app-config.js';
import { readVariable } from './variables.js';
import { readConfigFile } from './yaml-file.js';

/**
 * Reads the configuration: environment over YAML over defaults. Throws a `ConfigError` with every problem at once.
 */
export function loadConfig(options: SourceOptions = {}): AppConfig {
  const sources = configSources(options);
  const settings = settingsOf();
  const problems: Problem[] = [];
  const read = (name: string) => readVariable(name, sources);
  const file = interpolate(readConfigFile(sources, problems), read, problems);
  const raw = overlayEnvironment(file, settings, sources, problems);
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) problems.push(...problemsOfIssues(parsed.error.issues, settings));
  problems.push(...crossChecks(raw));
  if (!parsed.success || problems.length > 0) throw new ConfigError(describeProblems(problems, settings));
  return deepFreeze(toAppConfig(parsed.data, sources.cwd));
}

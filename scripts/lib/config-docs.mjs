import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from './fail.mjs';
import { toolEnv } from './node.mjs';
import { root } from './paths.mjs';
import { succeeded } from './progress.mjs';
import { run } from './run.mjs';

/** The files that describe the settings, by path, as the schema in libs/config gives them now. */
async function describeSettings() {
  succeeded(await run('tsc', ['-b', 'libs/config'], { env: toolEnv() }), 'The compiler');
  const built = pathToFileURL(join(root, 'libs/config/dist/reference/index.js')).href;
  const { configurationJsonSchema, configurationMarkdown } = await import(built);
  const { format, resolveConfig } = await import('prettier');
  const schemaFile = join(root, 'docs/config.schema.json');
  const options = { ...(await resolveConfig(schemaFile)), parser: 'json' };
  return new Map([
    [join(root, 'docs/configuration.md'), configurationMarkdown()],
    [schemaFile, await format(JSON.stringify(configurationJsonSchema()), options)],
  ]);
}

export async function writeConfigDocs() {
  for (const [file, content] of await describeSettings()) writeFileSync(file, content);
}

/** Throws where a file that stands there is not what the schema gives now. */
export async function checkConfigDocs() {
  for (const [file, content] of await describeSettings()) {
    if (existsSync(file) && readFileSync(file, 'utf8') === content) continue;
    throw new Failure(`${file} is not what the schema gives: run npm run docs:config.`);
  }
}

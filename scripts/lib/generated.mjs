import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from './fail.mjs';
import { toolEnv } from './node.mjs';
import { root } from './paths.mjs';
import { succeeded } from './progress.mjs';
import { run } from './run.mjs';

const templates = ['proto/buf.gen.yaml', 'proto/buf.gen.engine.yaml'];
const outputs = ['libs/flight-sql/src/gen', 'libs/engine-api/src/gen'];

/** Makes the code of proto/ again, below this folder. */
export async function generate(folder) {
  for (const template of templates) {
    const args = ['generate', '--template', template, '--output', folder];
    succeeded(await run('buf', args, { env: toolEnv() }), `buf generate with ${template}`);
  }
}

/** Throws where the code that stands there is not what proto/ gives now. */
export async function checkGenerated() {
  const folder = mkdtempSync(join(tmpdir(), 'generated-'));
  try {
    await generate(folder);
    for (const output of outputs) compare(join(folder, output), join(root, output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(fresh, standing) {
  const files = (base) =>
    readdirSync(base, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(base.length + 1));
  for (const file of new Set([...files(fresh), ...files(standing)])) {
    const [now, before] = [fresh, standing].map((base) => join(base, file));
    if (existsSync(now) && existsSync(before) && readFileSync(now).equals(readFileSync(before))) continue;
    throw new Failure(`${before} is not what proto/ gives: run npm run proto.`);
  }
}

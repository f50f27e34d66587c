import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnv } from './node.mjs';
import { engineBuild, root } from './paths.mjs';
import { step, succeeded } from './progress.mjs';
import { run } from './run.mjs';
import { fingerprintOf, oncePer, sha256 } from './stamp.mjs';

const installArgs = ['install', '--no-audit', '--no-fund', '--loglevel=error'];

/** Installs what package-lock.json names, unless it stands there already. */
export async function ensureInstalled() {
  const fingerprint = () =>
    sha256(...['package.json', 'package-lock.json'].map((file) => readFileSync(join(root, file))));
  await oncePer(join(root, 'node_modules/.installed'), fingerprint, () =>
    step('Installing packages', async () => {
      succeeded(await run('npm', installArgs), 'npm install');
    }),
  );
}

/** Compiles and bundles, unless nothing changed since the last time. */
export async function ensureBuilt() {
  const sources = ['apps', 'libs', 'tsconfig.json', 'tsconfig.base.json', 'package-lock.json'].map((path) =>
    join(root, path),
  );
  const outputs = ['apps/proxy/dist/main.js', 'apps/engine/dist/bundle/engine.mjs'].map((path) =>
    join(root, path),
  );
  const stamp = join(root, '.cache/built');
  const fingerprint = () => `${fingerprintOf(sources)} ${outputs.every((path) => existsSync(path))}`;
  await oncePer(stamp, fingerprint, () => step('Building', build));
}

/** Compiles all workspaces (incrementally) and bundles the engine. */
export async function build() {
  succeeded(await run('tsc', ['-b'], { env: toolEnv() }), 'The compiler');
  await bundleEngine();
}

/** `abort` ends it, see `run`. */
export async function bundleEngine(abort) {
  succeeded(await run('node', [engineBuild], { env: toolEnv(), abort }), "The engine's bundler");
}

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import type { FakeEngineBehaviour } from './behaviours.js';

const OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  conditions: ['source'],
  logLevel: 'error',
} satisfies BuildOptions;

/** Bundles the fake engine with this behaviour into a file in `folder`, once, and returns the file's path. */
export function bundleFakeEngine(behaviour: FakeEngineBehaviour, folder: string): string {
  const outfile = join(folder, `fake-engine-${behaviour}.cjs`);
  if (existsSync(outfile)) return outfile;
  buildSync({
    ...OPTIONS,
    entryPoints: [fileURLToPath(new URL('./fake-engine.ts', import.meta.url))],
    define: { FAKE_ENGINE_BEHAVIOUR: JSON.stringify(behaviour) },
    outfile,
  });
  return outfile;
}

/** Bundles a program given as TypeScript text, whose imports are found from `resolveFrom`, into `outfile`. */
export function bundleProgram(source: string, resolveFrom: string, outfile: string): string {
  buildSync({ ...OPTIONS, stdin: { contents: source, loader: 'ts', resolveDir: resolveFrom }, outfile });
  return outfile;
}

// Bundles the engine: few files start faster than many, and are all that a sandbox or an image needs.
import { build } from 'esbuild';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const outdir = new URL('./dist/bundle/', import.meta.url).pathname;
rmSync(outdir, { recursive: true, force: true });
const common = {
  absWorkingDir: new URL('.', import.meta.url).pathname,
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  entryNames: '[dir]/[name]',
  chunkNames: 'chunks/[name]-[hash]',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
};
await build({
  ...common,
  entryPoints: { engine: 'dist/main.js', restrict: 'dist/sandbox/restrict.js' },
  splitting: true,
});
// On its own: of what both use the thread then loads only what it needs itself, and the database opens the sooner.
await build({ ...common, entryPoints: { 'worker/thread': '../../libs/duckdb/dist/worker/thread.js' } });

// koffi looks its native part up at run time: beside the bundle, so that the folder is all that an engine needs.
const native = `@koromix/koffi-${process.platform}-${process.arch}`;
const manifest = createRequire(createRequire(import.meta.url).resolve('koffi')).resolve(
  `${native}/package.json`,
);
cpSync(dirname(manifest), join(outdir, 'node_modules', native), { recursive: true });

// Node looks for the package that a module belongs to, upwards: an engine may read nothing above this folder.
writeFileSync(join(outdir, 'package.json'), '{ "type": "module" }\n');

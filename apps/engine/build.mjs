// Bundles the engine: few files start faster than many, and are all that a sandbox or an image needs.
import { build } from 'esbuild';
import { rmSync } from 'node:fs';

const outdir = new URL('./dist/bundle/', import.meta.url).pathname;
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: new URL('.', import.meta.url).pathname,
  entryPoints: { engine: 'dist/main.js', 'worker/thread': '../../libs/duckdb/dist/worker/thread.js' },
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  entryNames: '[dir]/[name]',
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  loader: { '.node': 'copy' },
  assetNames: '[name]-[hash]',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

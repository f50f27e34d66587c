// Compiles all workspaces and bundles the engine: `npm run build`.
import { main } from './lib/fail.mjs';
import { build, ensureInstalled } from './lib/prepare.mjs';
import { step } from './lib/progress.mjs';

await main(async () => {
  await ensureInstalled();
  await step('Building', build);
});

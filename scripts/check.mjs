// Everything about the code that a machine can judge without running it: `npm run check`. All checks run, also after
// one failed.
import { checkConfigDocs } from './lib/config-docs.mjs';
import { Failure, main } from './lib/fail.mjs';
import { checkGenerated } from './lib/generated.mjs';
import { toolEnv } from './lib/node.mjs';
import { ensureInstalled } from './lib/prepare.mjs';
import { step, succeeded } from './lib/progress.mjs';
import { run } from './lib/run.mjs';

const tool = (title, command, ...args) => [
  title,
  async () => void succeeded(await run(command, args, { env: toolEnv() }), title),
];

const checks = [
  tool('Types', 'tsc', '-b'),
  tool('Types of specs', 'tsc', '-p', 'tsconfig.spec.json'),
  tool('Lint', 'oxlint', '--deny-warnings'),
  tool('Formatting', 'prettier', '--check', '--log-level', 'warn', '.'),
  tool(
    'Direction of imports',
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    'apps',
    'libs',
    'test',
    'bench',
  ),
  ['Generated code', checkGenerated],
  ['Description of the settings', checkConfigDocs],
];

await main(async () => {
  await ensureInstalled();
  const failed = [];
  for (const [title, check] of checks) {
    try {
      await step(title, check);
    } catch (error) {
      console.error(error instanceof Failure ? error.message : error);
      failed.push(title);
    }
  }
  if (failed.length > 0) throw new Failure(`Not in order: ${failed.join(', ')}.`);
});

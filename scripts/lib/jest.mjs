import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runtimeNode, toolEnv } from './node.mjs';
import { cache, root } from './paths.mjs';
import { run } from './run.mjs';

const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

/**
 * Runs jest's project of this title, or those that are named, and shows what it says. Resolves with the counts and the names of what was skipped. A
 * suite that does not even run counts as one failure, and so does a run that had to be ended.
 */
export async function runJest(title, { projects = [title], args = [], timeoutMs, env = {} } = {}) {
  const report = join(cache, 'test', `${title.replaceAll(' ', '-')}.json`);
  mkdirSync(join(cache, 'test'), { recursive: true });
  rmSync(report, { force: true });
  const jest = [...flags, join(root, 'node_modules/jest/bin/jest.js'), '--selectProjects', ...projects];
  const { code } = await run(
    runtimeNode(),
    [...jest, '--json', '--outputFile', report, '--passWithNoTests', ...args],
    {
      env: toolEnv(env),
      stdio: ['ignore', 'ignore', 'inherit'],
      timeoutMs,
    },
  );
  return { title, ...read(report, code) };
}

function read(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
  const tests = result.testResults.flatMap((suite) => suite.assertionResults);
  const skipped = tests
    .filter(({ status }) => status === 'pending' || status === 'todo')
    .map((test) => test.fullName);
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed: failed || (code === 0 ? 0 : 1), skipped };
}

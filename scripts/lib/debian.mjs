import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { step, succeeded } from './progress.mjs';
import { run } from './run.mjs';

/** Installs Debian packages, as root on Debian. Resolves with why that was not possible, or undefined. */
export async function installPackages(wanted) {
  const byHand = `install ${wanted.join(' ')}`;
  if (process.getuid?.() !== 0) return `${byHand} as root`;
  if ((await run('apt-get', ['--version'])).code !== 0) return `there is no apt-get; ${byHand}`;
  try {
    await step(`Installing ${wanted.join(', ')}`, async () => {
      succeeded(await aptGet('update', '-qq'), 'apt-get update');
      const options = ['-qq', '-y', '--no-install-recommends'];
      succeeded(await withoutServices(() => aptGet('install', ...options, ...wanted)), 'apt-get install');
    });
    return undefined;
  } catch (error) {
    return `${error.message.trim().split('\n').at(-1)} (${byHand})`;
  }
}

const aptGet = (...args) =>
  run('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: 5 * 60_000,
  });

const policy = '/usr/sbin/policy-rc.d';

/** Debian's packages ask this program whether they may start a service (man 8 invoke-rc.d): 101 is no. */
async function withoutServices(work) {
  const own = !existsSync(policy);
  if (own) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    if (own) rmSync(policy);
  }
}

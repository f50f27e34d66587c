import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { step, succeeded } from './progress.mjs';
import { run } from './run.mjs';

const debian = '/usr/lib/postgresql';

/**
 * Folders of the database servers that the tests run: `{ postgres, mariadb }`, undefined where there is none. Debian
 * keeps PostgreSQL's programs, one folder a version, out of PATH.
 */
export function databaseServers() {
  const path = (process.env.PATH ?? '').split(delimiter);
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  return {
    postgres: folderWith(
      ['initdb', 'postgres', 'psql'],
      [...versions.map((version) => join(debian, version, 'bin')), ...path],
    ),
    mariadb: mariadb([...path, '/usr/sbin', '/usr/bin']),
  };
}

function mariadb(path) {
  const server = folderWith(['mariadbd'], path);
  const tools = folderWith(['mariadb', 'mariadb-install-db', 'my_print_defaults'], path);
  return server && tools ? { server: join(server, 'mariadbd'), tools } : undefined;
}

const folderWith = (programs, folders) =>
  folders.find((folder) => folder && programs.every((program) => existsSync(join(folder, program))));

/** The servers' programs; MariaDB's package `mariadb-server` adds only a service to these. */
const packages = {
  postgres: ['postgresql'],
  mariadb: ['mariadb-server-core', 'mariadb-client-core'],
};
const names = { postgres: 'PostgreSQL', mariadb: 'MariaDB' };

/** Installs the servers that are missing, as root on Debian. Resolves with a line for each that could not be had. */
export async function ensureDatabaseServers() {
  const missing = Object.keys(packages).filter((server) => !databaseServers()[server]);
  if (missing.length === 0) return [];
  const problem = await install(missing.flatMap((server) => packages[server]));
  return missing
    .filter((server) => !databaseServers()[server])
    .map((server) => `Without ${names[server]}: ${problem}. The tests that need it will be skipped.`);
}

async function install(wanted) {
  const byHand = `install ${wanted.join(' ')}`;
  if (process.getuid?.() !== 0) return `${byHand} as root`;
  if ((await run('apt-get', ['--version'])).code !== 0) return `there is no apt-get; ${byHand}`;
  try {
    await step(`Installing ${wanted.join(', ')}`, async () => {
      succeeded(await aptGet('update', '-qq'), 'apt-get update');
      const options = ['-qq', '-y', '--no-install-recommends'];
      succeeded(await withoutServices(() => aptGet('install', ...options, ...wanted)), 'apt-get install');
      // Nothing to disable where there is no systemd.
      await run('systemctl', ['disable', '--quiet', 'postgresql.service']);
    });
    return 'its programs are not where they are looked for';
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

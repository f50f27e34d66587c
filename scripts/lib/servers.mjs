import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages } from './debian.mjs';
import { run } from './run.mjs';

const debian = '/usr/lib/postgresql';

/**
 * Folders of the servers that the tests run: `{ postgres, mariadb, haproxy }`, undefined where there is none. Debian
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
    haproxy: folderWith(['haproxy'], [...path, '/usr/sbin']),
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
  haproxy: ['haproxy'],
};
const names = { postgres: 'PostgreSQL', mariadb: 'MariaDB', haproxy: 'HAProxy' };

/** Installs the servers that are missing, as root on Debian. Resolves with a line for each that could not be had. */
export async function ensureDatabaseServers() {
  const missing = Object.keys(packages).filter((server) => !databaseServers()[server]);
  if (missing.length === 0) return [];
  const problem = await installPackages(missing.flatMap((server) => packages[server]));
  // Nothing to disable where there is no systemd.
  await run('systemctl', ['disable', '--quiet', 'postgresql.service']);
  const why = problem ?? 'its programs are not where they are looked for';
  return missing
    .filter((server) => !databaseServers()[server])
    .map((server) => `Without ${names[server]}: ${why}. The tests that need it will be skipped.`);
}

import { isIP } from 'node:net';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { parseConnectionString } from '@pondpilot/kernel';

/** A database server by the name that its connection string has for it. */
export interface DatabaseHost {
  readonly alias: string;
  readonly host: string;
}

/** Hosts of all databases that are servers. */
export function databaseHosts(databases: readonly AttachedDatabase[]): DatabaseHost[] {
  return databases.flatMap(({ alias, type, connectionString }) => {
    if (type !== 'postgres' && type !== 'mysql') return [];
    const address = parseConnectionString(type, connectionString);
    return 'problem' in address ? [] : address.host.split(',').map((host) => ({ alias, host }));
  });
}

/** Databases that no container reaches, as their host is the container's own loopback or a socket's path. */
export function loopbackProblems(databases: readonly AttachedDatabase[]): string[] {
  return databaseHosts(databases)
    .filter(({ host }) => isLoopback(host))
    .map(
      ({ alias, host }) =>
        `Database "${alias}": ${host} is each engine's own container, not the machine: give it an address that containers reach.`,
    );
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host.toLowerCase() === 'localhost' || host.startsWith('/');
}

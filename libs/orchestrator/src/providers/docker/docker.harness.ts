/** What the specs of this provider share. */
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { EngineKeys } from '../../engine-keys.js';
import type { DockerProviderOptions } from './options.js';

export const JWT_SECRET = 'planted-jwt-secret-planted-jwt-secret';
export const keys = new EngineKeys(JWT_SECRET);

export const options: DockerProviderOptions = {
  image: 'registry.example/engine:1',
  network: 'bridge',
  keys,
  startTimeoutMs: 30_000,
  answerTimeoutMs: 10_000,
};

/** A database that is a file. */
export function file(
  path: string,
  { type = 'sqlite', readOnly = true, alias = 'shop' }: Partial<AttachedDatabase> = {},
): AttachedDatabase {
  return { alias, type, connectionString: path, readOnly };
}

/** A database that is a server. */
export function server(connectionString: string, type: 'postgres' | 'mysql' = 'postgres'): AttachedDatabase {
  return { alias: 'sales', type, connectionString, readOnly: true };
}

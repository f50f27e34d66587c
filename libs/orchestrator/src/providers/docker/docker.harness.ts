/** What the specs of this provider share. */
import { setTimeout as delay } from 'node:timers/promises';
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

/** What a container without a terminal writes, as Docker packs it: 1 is standard output, 2 standard error. */
export function frame(text: string, stream: 1 | 2): Buffer {
  const content = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(content.length, 4);
  return Buffer.concat([head, content]);
}

/** Waits for what comes by itself; the test's own time-out ends it where it does not. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(5);
}

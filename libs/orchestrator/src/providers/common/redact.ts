import type { AttachedDatabase } from '@pondpilot/engine-api';

const BLOT = '***';
const SHORTEST = 4;

/**
 * Blots the launch's secrets out of whatever an engine prints: its control secret, connection strings of servers as a
 * whole, and the passwords in them, as written and decoded.
 */
export function redactor(
  controlSecret: string,
  databases: readonly AttachedDatabase[],
): (text: string) => string {
  const servers = databases.filter(({ type }) => type === 'postgres' || type === 'mysql');
  const secrets = [controlSecret, ...servers.flatMap(({ connectionString }) => secretsOf(connectionString))];
  const known = secrets.filter((secret) => secret.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
  return (text) => known.reduce((clean, secret) => clean.replaceAll(secret, BLOT), text);
}

function secretsOf(connectionString: string): string[] {
  const inUrl = /^[a-z][a-z0-9+]*:\/\/[^/?#@]*?:([^/?#]*)@/i.exec(connectionString)?.[1];
  const quoted = /(?:password|passwd)\s*=\s*'((?:[^'\\]|\\.)*)'/i.exec(connectionString)?.[1];
  const plain = /(?:password|passwd)\s*=\s*([^\s'&;]+)/i.exec(connectionString)?.[1];
  const written = [inUrl, quoted, plain].filter((secret) => secret !== undefined);
  return [connectionString, ...written, ...written.map(decoded)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

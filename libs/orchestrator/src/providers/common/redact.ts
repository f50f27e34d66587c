import type { AttachedDatabase } from '@pondpilot/engine-api';

const BLOT = '***';
const SHORTEST = 4;

/** Takes secrets out of a text. One that was `cut` may end in the midst of a secret: what may be one's begin is left out. */
export type Redactor = (text: string, cut?: boolean) => string;

/**
 * Blots the launch's secrets out of whatever an engine prints: the engine's own, connection strings of servers as a
 * whole, and the passwords in them, as written and decoded.
 */
export function redactor(own: readonly string[], databases: readonly AttachedDatabase[]): Redactor {
  const servers = databases.filter(({ type }) => type === 'postgres' || type === 'mysql');
  const secrets = [...own, ...servers.flatMap(({ connectionString }) => secretsOf(connectionString))];
  const known = secrets.filter((secret) => secret.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
  return (text, cut = false) => {
    const clean = known.reduce((rest, secret) => rest.replaceAll(secret, BLOT), text);
    return cut ? clean.slice(0, clean.length - begun(clean, known)) : clean;
  };
}

/** How many of a text's last characters may be the begin of a secret. */
function begun(text: string, secrets: readonly string[]): number {
  const longest = Math.max(0, ...secrets.map(({ length }) => length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(-length);
    if (secrets.some((secret) => secret.startsWith(end))) return length;
  }
  return 0;
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

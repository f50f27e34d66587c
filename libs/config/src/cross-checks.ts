import type { Problem } from './problems.js';

/**
 * What no single setting can tell: two that contradict each other. Works on the data before it is parsed, so that
 * these problems are listed together with the schema's.
 */
export function crossChecks(raw: unknown): Problem[] {
  return [...samePorts(raw), ...repeatedAliases(raw), ...unknownDemoDatabases(raw)];
}

function samePorts(raw: unknown): Problem[] {
  const http = at(raw, 'server', 'port') ?? 8080;
  const grpc = at(raw, 'server', 'grpc_port') ?? 8081;
  if (Number(http) !== Number(grpc) || Number(http) === 0) return [];
  return [{ path: ['server', 'grpc_port'], message: 'must differ from server.port (PORT)' }];
}

function repeatedAliases(raw: unknown): Problem[] {
  const seen = new Set<string>();
  return aliases(raw).flatMap((alias, index): Problem[] => {
    if (alias === undefined) return [];
    const repeated = seen.has(alias);
    seen.add(alias);
    const path = ['duckdb', 'attached_databases', index, 'alias'];
    return repeated
      ? [{ path, message: 'is already the alias of another database (case does not matter)' }]
      : [];
  });
}

function unknownDemoDatabases(raw: unknown): Problem[] {
  const known = new Set(aliases(raw));
  return list(at(raw, 'security', 'demo_tokens', 'databases')).flatMap((name, index): Problem[] => {
    if (typeof name !== 'string' || known.has(name.toLowerCase())) return [];
    const path = ['security', 'demo_tokens', 'databases', index];
    return [{ path, message: 'is not the alias of a database in duckdb.attached_databases' }];
  });
}

function aliases(raw: unknown): (string | undefined)[] {
  return list(at(raw, 'duckdb', 'attached_databases')).map((database) => {
    const alias = at(database, 'alias');
    return typeof alias === 'string' ? alias.toLowerCase() : undefined;
  });
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined,
    value,
  );
}

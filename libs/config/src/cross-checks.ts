import { parseConnectionString, parseFilePath } from '@pondpilot/kernel';
import { databaseType, type AttachedDatabaseType } from './duckdb-schema.js';
import type { Problem } from './problems.js';

/**
 * What no single setting can tell: two that contradict each other. Works on the data before it is parsed, so that
 * these problems are listed together with the schema's.
 */
export function crossChecks(raw: unknown): Problem[] {
  return [
    ...samePorts(raw),
    ...halfTls(raw),
    ...repeatedAliases(raw),
    ...wrongConnectionStrings(raw),
    ...unknownDemoDatabases(raw),
  ];
}

function samePorts(raw: unknown): Problem[] {
  const http = at(raw, 'server', 'port') ?? 8080;
  const grpc = at(raw, 'server', 'grpc_port') ?? 8081;
  if (Number(http) !== Number(grpc) || Number(http) === 0) return [];
  return [{ path: ['server', 'grpc_port'], message: 'must differ from server.port (PORT)' }];
}

/** Who sets one of them wants TLS: to go on in the clear would be the worst answer. */
function halfTls(raw: unknown): Problem[] {
  const tls = at(raw, 'server', 'tls');
  const wants = ['cert_file', 'key_file', 'client_ca_file'].some((key) => isGiven(at(tls, key)));
  if (!wants) return [];
  const missing = (key: string, message: string): Problem[] =>
    isGiven(at(tls, key)) ? [] : [{ path: ['server', 'tls', key], message: `is missing: ${message}` }];
  return [
    ...missing('cert_file', 'TLS needs a certificate and its key'),
    ...missing('key_file', 'TLS needs the key of the certificate'),
  ];
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
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

function wrongConnectionStrings(raw: unknown): Problem[] {
  return list(at(raw, 'duckdb', 'attached_databases')).flatMap((database, index): Problem[] => {
    const type = databaseType(at(database, 'type'));
    const text = at(database, 'connection_string');
    if (type === undefined || typeof text !== 'string') return [];
    const problem = connectionProblem(type, text);
    const path = ['duckdb', 'attached_databases', index, 'connection_string'];
    return problem === undefined ? [] : [{ path, message: `is not one of ${type}: ${problem}` }];
  });
}

/** What is wrong with a connection string, without any of it. */
function connectionProblem(type: AttachedDatabaseType, text: string): string | undefined {
  if (type === 'postgres' || type === 'mysql') {
    const parsed = parseConnectionString(type, text);
    return 'problem' in parsed ? parsed.problem : undefined;
  }
  try {
    return parseFilePath(text) === '' ? 'it must name a file' : undefined;
  } catch {
    return 'it has a % that is not followed by two hexadecimal digits; % itself is written %25';
  }
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

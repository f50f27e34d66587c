import type { ServerType } from '@pondpilot/kernel';
import type { AttachFile, AttachRequest, AttachServer } from './attach-request.js';

/** The secret that holds a server's sign-in while it is attached; nobody else's statement runs meanwhile. */
const SECRET = '__attaching';
/** Seconds that a sign-in at PostgreSQL may take, unless the connection string says otherwise. */
const CONNECT_TIMEOUT_S = '2';
/** Name that connections to PostgreSQL carry; DuckDB's errors repeat it, which tells whose they are. */
const APPLICATION_PREFIX = 'pondpilot-';

/** Extensions by type of database; DuckDB's own files need none. */
const EXTENSIONS: Readonly<Record<AttachRequest['type'], string | undefined>> = {
  duckdb: undefined,
  sqlite: 'sqlite_scanner',
  postgres: 'postgres_scanner',
  mysql: 'mysql_scanner',
};

/**
 * Without it the scanner sends conditions as MySQL's SQL, with texts in which a backslash is left as it is: MySQL takes it
 * for an escape, so that what follows is read as SQL, with the rights of the sign-in. DuckDB then filters itself.
 */
const NO_CONDITIONS = 'SET GLOBAL mysql_experimental_filter_pushdown = false';

export function loadStatement(extension: string): string {
  return `LOAD ${identifier(extension)}`;
}

/**
 * Statements that attach a database, in order, and those to run after them whatever became of them.
 *
 * A server's password goes through a temporary secret that is dropped at once: it shows nowhere afterwards, and the
 * attached database still signs in again by itself.
 */
export function attachStatements(request: AttachRequest): {
  readonly run: string[];
  readonly always: string[];
} {
  const extension = EXTENSIONS[request.type];
  const load = extension === undefined ? [] : [loadStatement(extension)];
  if ('path' in request) return { run: [...load, attachFile(request)], always: [] };
  const settings = request.type === 'mysql' ? [NO_CONDITIONS] : [];
  return {
    run: [...load, ...settings, createSecret(request), attachServer(request)],
    always: [`DROP SECRET IF EXISTS ${SECRET}`],
  };
}

function attachFile({ path, alias, type, readOnly }: AttachFile): string {
  return attach(literal(path), alias, [
    ...(type === 'sqlite' ? ['TYPE sqlite'] : []),
    ...readOnlyOption(readOnly),
  ]);
}

function attachServer({ alias, type, address, readOnly }: AttachServer): string {
  const options =
    type === 'postgres'
      ? {
          connect_timeout: CONNECT_TIMEOUT_S,
          ...address.options,
          application_name: APPLICATION_PREFIX + alias,
        }
      : address.options;
  return attach(literal(connectionOptions(options, type === 'postgres' ? "'" : '"')), alias, [
    `TYPE ${type}`,
    ...readOnlyOption(readOnly),
    `SECRET ${SECRET}`,
  ]);
}

function createSecret({ type, address }: AttachServer): string {
  const parts: Readonly<Record<string, string | undefined>> = {
    HOST: hostOf(type, address.host),
    PORT: String(address.port),
    USER: address.user,
    PASSWORD: address.password,
    DATABASE: address.database,
  };
  const given = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${literal(value)}`],
  );
  return `CREATE OR REPLACE TEMPORARY SECRET ${SECRET} (TYPE ${type}, ${given.join(', ')})`;
}

/** MySQL's client takes `localhost` for a socket file, which an engine does not have. */
function hostOf(type: ServerType, host: string): string {
  return type === 'mysql' && host === 'localhost' ? '127.0.0.1' : host;
}

/** `key=value` pairs; libpq quotes values with `'`, MySQL's extension with `"`, both escape with a backslash. */
function connectionOptions(options: Readonly<Record<string, string>>, quote: string): string {
  const quoted = (value: string) =>
    quote + value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote;
  return Object.entries(options)
    .map(([name, value]) => `${name}=${/^[\w.-]+$/.test(value) ? value : quoted(value)}`)
    .join(' ');
}

function readOnlyOption(readOnly: boolean): string[] {
  return readOnly ? ['READ_ONLY'] : [];
}

function attach(what: string, alias: string, options: readonly string[]): string {
  return `ATTACH ${what} AS ${identifier(alias)}${options.length > 0 ? ` (${options.join(', ')})` : ''}`;
}

/** The alias of the PostgreSQL database that a message of DuckDB is about, if it tells. */
export function aliasInMessage(message: string): string | undefined {
  return new RegExp(`application_name='?${APPLICATION_PREFIX}(\\w+)`).exec(message)?.[1];
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

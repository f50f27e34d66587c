export type ServerType = 'postgres' | 'mysql';

/** Where a database server is and how to sign in; absent parts are the server software's own defaults. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** Other options by the names that libpq and MySQL use in connection strings, e.g. `sslmode` or `ssl_mode`. */
  readonly options: Readonly<Record<string, string>>;
}

const DEFAULT_PORTS: Readonly<Record<ServerType, number>> = { postgres: 5432, mysql: 3306 };
const SCHEMES: Readonly<Record<string, ServerType>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
};
/** Names that the two kinds of server, and their tools, use for the same thing. */
const SYNONYMS: Readonly<Record<string, string>> = {
  hostname: 'host',
  hostaddr: 'host',
  username: 'user',
  passwd: 'password',
  db: 'database',
  dbname: 'database',
};
const ADDRESS_PARTS = new Set(['host', 'port', 'user', 'password', 'database']);

/**
 * Reads the connection string of a database server: a URL (`postgresql://user:password@host:5432/name?sslmode=require`,
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING; `mysql://…` likewise) or
 * `key=value` pairs with libpq's quoting. Answers a problem, never with a part of the string in it, where it is neither.
 */
export function parseConnectionString(
  type: ServerType,
  text: string,
): ServerAddress | { readonly problem: string } {
  const pairs = text.includes('://') ? fromUrl(type, text.trim()) : fromPairs(text.trim());
  return typeof pairs === 'string' ? { problem: pairs } : toAddress(type, pairs);
}

function toAddress(
  type: ServerType,
  pairs: ReadonlyMap<string, string>,
): ServerAddress | { readonly problem: string } {
  const port = pairs.get('port') ?? String(DEFAULT_PORTS[type]);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    return { problem: 'its port must be a number up to 65535' };
  const host = pairs.get('host') ?? '';
  if (host === '') return { problem: 'it must name a host' };
  const options = Object.fromEntries([...pairs].filter(([name]) => !ADDRESS_PARTS.has(name)));
  return {
    host,
    port: Number(port) === 0 ? DEFAULT_PORTS[type] : Number(port),
    user: pairs.get('user'),
    password: pairs.get('password'),
    database: pairs.get('database'),
    options,
  };
}

/** The parts of a URL, or what is wrong with it. */
function fromUrl(type: ServerType, text: string): ReadonlyMap<string, string> | string {
  const wanted = type === 'postgres' ? 'postgresql://' : 'mysql://';
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return `it must be a URL that starts with ${wanted}; characters such as @ : / in a password are written %40 %3A %2F`;
  }
  if (SCHEMES[url.protocol] !== type)
    return `it must be a URL that starts with ${wanted}, or key=value pairs`;
  const pairs = new Map<string, string>();
  const set = (name: string, value: string) => value !== '' && pairs.set(name, value);
  try {
    set('host', decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'));
    set('port', url.port);
    set('user', decodeURIComponent(url.username));
    set('password', decodeURIComponent(url.password));
    set('database', decodeURIComponent(url.pathname.slice(1)));
  } catch {
    return 'it has a % that is not followed by two hexadecimal digits; % itself is written %25';
  }
  for (const [name, value] of url.searchParams) set(canonical(name), value);
  return pairs;
}

const PAIR =
  /\s*([A-Za-z_][\w-]*)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s'"\\]|\\.)*))(?:\s+|$)/y;

/** `key=value` pairs: values with spaces in single quotes as libpq has them, or in double ones as MySQL's extension. */
function fromPairs(text: string): ReadonlyMap<string, string> | string {
  const pairs = new Map<string, string>();
  for (let at = 0; at < text.length; at = PAIR.lastIndex) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(text);
    if (!match) return 'it must be a URL, or key=value pairs with values that hold spaces in single quotes';
    const value = (match[2] ?? match[3] ?? match[4] ?? '').replaceAll(/\\(.)/g, '$1');
    if (value !== '') pairs.set(canonical(match[1] ?? ''), value);
  }
  return pairs;
}

function canonical(name: string): string {
  const lower = name.toLowerCase().replaceAll('-', '_');
  return SYNONYMS[lower] ?? lower;
}

/** The path in the connection string of a file database: the path itself, or `sqlite:…`, `duckdb:…`, `file:…` before it. */
export function parseFilePath(text: string): string {
  const match = /^(?:sqlite|duckdb|file):(?:\/\/(?=\/))?([^?]*)/.exec(text.trim());
  return match ? decodeURI(match[1] ?? '') : text.trim();
}

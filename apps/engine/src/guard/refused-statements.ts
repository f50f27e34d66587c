import { DomainError } from '@pondpilot/kernel';
import { TokenReader, unwrap } from './token-reader.js';

function wordsOf(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(' ')));
}

/** Words with which statements of users may begin. */
const ALLOWED: ReadonlySet<string> = wordsOf(
  'select with from values table pivot unpivot pivot_wider pivot_longer',
  'show describe desc summarize explain insert update delete merge',
  'truncate create alter drop comment vacuum analyze analyse checkpoint',
  'begin start commit rollback abort end use set reset',
  'prepare execute deallocate call pragma',
);

const BY_CONFIGURATION = 'Databases and extensions come by the configuration';
const HINTS: Readonly<Record<string, string>> = {
  attach: `${BY_CONFIGURATION}.`,
  detach: `${BY_CONFIGURATION}.`,
  install: `${BY_CONFIGURATION}.`,
  load: `${BY_CONFIGURATION}.`,
  force: `${BY_CONFIGURATION}.`,
  copy: 'Engines read and write no files: read rows as a result, and write them by INSERT or bulk ingestion.',
  export: 'Engines write no files: read what you need as a result.',
  import: 'Engines read no files: write rows by INSERT or bulk ingestion.',
};

/** Settings that are the session's own. */
const SESSION_SETTINGS: ReadonlySet<string> = new Set(['timezone', 'schema', 'search_path', 'variable']);
/** Pragmas that change how the engine works, or read files. */
const REFUSED_PRAGMAS =
  /^(?:enable|disable|verify)_|^(?:force_)?checkpoint$|^import_database$|^copy_database$|^add_parquet_key$|^all_profiling_output$/;

/** Words with which what EXPLAIN and PREPARE are about may begin. */
const WITHIN: ReadonlySet<string> = wordsOf(
  'select with from values table pivot unpivot show describe',
  'desc summarize insert update delete merge truncate create alter',
  'drop execute',
);

/**
 * Throws `permission_denied` for statements that are not for users, before DuckDB has read any of them: preparing one
 * may already open files and connections. Says what to do instead.
 */
export function refuseStatements(sql: string): void {
  const reader = new TokenReader(sql);
  while (reader.isSymbol(';')) reader.next();
  const within = unwrap(reader);
  const token = reader.peek();
  const verb = token?.value ?? '';
  if (!token || (token.kind === 'symbol' && verb === '(')) return;
  if (within && (token.kind !== 'word' || !WITHIN.has(verb)))
    throw denied(`EXPLAIN and PREPARE take queries and changes of data, no ${verb.toUpperCase()}.`);
  if (token.kind !== 'word' || !ALLOWED.has(verb)) {
    // What is no statement at all DuckDB refuses itself, and says where it is wrong.
    if (HINTS[verb] !== undefined) throw denied(`${verb.toUpperCase()} is not allowed here. ${HINTS[verb]}`);
    return;
  }
  refuseByWords(reader.words(8));
}

/** @param words the first ones of a statement, in lower case */
function refuseByWords(words: readonly string[]): void {
  const [verb = ''] = words;
  const rest = withoutModifiers(words.slice(1));
  const [what = ''] = rest;
  // `UPDATE extensions SET …` is about a table of that name.
  if (verb === 'update' && what === 'extensions' && rest[1] !== 'set' && rest[1] !== 'as')
    throw denied(`Extensions can't be changed here. ${BY_CONFIGURATION}.`);
  if ((verb === 'create' || verb === 'drop') && what === 'secret')
    throw denied(`${verb.toUpperCase()} SECRET is not allowed here. ${BY_CONFIGURATION}.`);
  if (verb === 'alter' && what === 'database') throw denied('ALTER DATABASE is not allowed here.');
  if ((verb === 'set' || verb === 'reset') && words[1] === 'global')
    throw denied(`${verb.toUpperCase()} GLOBAL is not allowed here: settings are the session's.`);
  if (verb === 'set' || verb === 'reset') requireOwnSetting(what);
  if (verb === 'pragma' && (REFUSED_PRAGMAS.test(what) || rest[1] === '='))
    throw denied(`PRAGMA ${what} is not allowed here: settings are the operator's.`);
}

const MODIFIERS: ReadonlySet<string> = new Set([
  'or',
  'replace',
  'temp',
  'temporary',
  'persistent',
  'session',
  'global',
  'local',
]);

function withoutModifiers(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !MODIFIERS.has(word));
  return start < 0 ? [] : words.slice(start);
}

function requireOwnSetting(name: string): void {
  // `SET TIME ZONE 'UTC'` is how other databases write it.
  if (name === 'time' || SESSION_SETTINGS.has(name.toLowerCase())) return;
  throw denied(
    `The setting ${name} can't be changed here: the configuration is locked. TimeZone, schema and search_path are the session's own.`,
  );
}

function denied(message: string): DomainError {
  return new DomainError('permission_denied', message);
}

import { z } from 'zod';
import { isAlias } from './identifiers.js';
import { about, choice, flag, setting, text } from './settings.js';

export type AttachedDatabaseType = 'postgres' | 'mysql' | 'sqlite' | 'duckdb';

const TYPES: Readonly<Record<string, AttachedDatabaseType>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  sqlite: 'sqlite',
  duckdb: 'duckdb',
};

/** The kind of database that `attached_databases[].type` names; undefined for another value. */
export function databaseType(value: unknown): AttachedDatabaseType | undefined {
  const name = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
}

const attachedDatabase = z.strictObject({
  alias: setting(
    'a name that SQL takes without quotes and that DuckDB does not reserve, e.g. sales',
    { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' },
    (value) => (isAlias(value) ? value : undefined),
  ).meta(about('Name of the database in SQL.', { defaultText: 'required' })),
  type: setting(
    'one of postgres (or postgresql), mysql, sqlite, duckdb',
    { enum: Object.keys(TYPES) },
    databaseType,
  ).meta(about('Kind of database.', { defaultText: 'required' })),
  connection_string: text("the database's connection string, or the path of its file").meta(
    about(
      'How to reach the database: a URL or `key=value` pairs for a server, the path of a file that the proxy sees for `sqlite` and `duckdb`. A relative path starts in the working directory of the proxy.',
      { defaultText: 'required' },
    ),
  ),
  read_only: flag().prefault(true).meta(about('Whether users may only read.')),
});

const RESULT_COMPRESSIONS = ['none', 'zstd'] as const;

export type ResultCompression = (typeof RESULT_COMPRESSIONS)[number];

const extension = setting(
  'the name of an extension, e.g. httpfs',
  { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' },
  (value) => (typeof value === 'string' && /^[a-z][a-z0-9_]{0,62}$/.test(value) ? value : undefined),
);

export const duckdb = z.strictObject({
  extensions: z
    .array(extension)
    .prefault([])
    .meta(about('DuckDB extensions that engines load. `arrow` is built in.')),
  extension_directory: text('the path of a folder')
    .optional()
    .meta(
      about(
        'Folder that holds the extensions; a relative path starts in the working directory of the proxy.',
        {
          env: 'DUCKDB_EXTENSION_DIRECTORY',
          defaultText: 'none',
        },
      ),
    ),
  result_compression: choice(RESULT_COMPRESSIONS)
    .prefault('none')
    .meta(
      about(
        'How record batches are compressed where the client does not say by the header `arrow-compression`. `zstd` suits slow links; JDBC reads `none` only.',
        { env: 'DUCKDB_RESULT_COMPRESSION' },
      ),
    ),
  attached_databases: z
    .array(attachedDatabase)
    .prefault([])
    .meta(
      about(
        'Databases that every engine comes up with. In SQL: `alias.schema.table` for PostgreSQL, `alias.table` for the others.',
      ),
    ),
});

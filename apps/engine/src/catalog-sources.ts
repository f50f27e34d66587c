import { literal } from '@pondpilot/duckdb';

/** A database as DuckDB knows it: by its alias, and `duckdb`, `postgres`, `mysql` or `sqlite`. */
export interface DatabaseEntry {
  readonly name: string;
  readonly type: string;
}

/** What the catalogs of attached databases are asked for because DuckDB does not know it. */
interface Questions {
  /** Columns: schema, name. */
  readonly views?: string;
  /** Columns: schema, table, column, place in the key from 1, name of the key. */
  readonly primaryKeys: string;
  /**
   * Columns: schema, table, column and key name of what is referred to, the same of what refers to it, place in the key
   * from 1, rule on update, rule on delete.
   */
  readonly foreignKeys: string;
}

/** The columns of a SELECT, under names that differ: DuckDB insists on that. */
const columns = (...expressions: string[]) =>
  expressions.map((expression, index) => `${expression} AS c${index + 1}`).join(', ');

const POSTGRES_USERS_OWN = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";
/** PostgreSQL's type `name` and its one-letter codes as text. */
const texts = (...expressions: string[]) => expressions.map((expression) => `${expression}::text`);

const postgres: Questions = {
  views: `
    SELECT ${columns(...texts('n.nspname', 'c.relname'))}
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND ${POSTGRES_USERS_OWN}`,
  primaryKeys: `
    SELECT ${columns(...texts('n.nspname', 't.relname', 'a.attname', 'k.place', 'c.conname'))}
    FROM pg_catalog.pg_constraint c
    JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
    WHERE c.contype = 'p' AND ${POSTGRES_USERS_OWN}`,
  foreignKeys: `
    SELECT ${columns(
      ...texts('pn.nspname', 'pt.relname', 'pa.attname', 'i.relname'),
      ...texts('n.nspname', 't.relname', 'a.attname', 'c.conname'),
      ...texts('k.place', 'c.confupdtype', 'c.confdeltype'),
    )}
    FROM pg_catalog.pg_constraint c
    JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_catalog.pg_class pt ON pt.oid = c.confrelid
    JOIN pg_catalog.pg_namespace pn ON pn.oid = pt.relnamespace
    LEFT JOIN pg_catalog.pg_class i ON i.oid = c.conindid
    CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (number, referred, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
    JOIN pg_catalog.pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.referred
    WHERE c.contype = 'f' AND ${POSTGRES_USERS_OWN}`,
};

const MYSQL_USERS_OWN = "table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')";
/** MySQL has some of these columns as bytes. */
const chars = (...expressions: string[]) => expressions.map((expression) => `CAST(${expression} AS CHAR)`);

const mysql: Questions = {
  views: `
    SELECT ${columns(...chars('table_schema', 'table_name'))}
    FROM information_schema.views WHERE ${MYSQL_USERS_OWN}`,
  primaryKeys: `
    SELECT ${columns(...chars('table_schema', 'table_name', 'column_name', 'ordinal_position', 'constraint_name'))}
    FROM information_schema.key_column_usage WHERE constraint_name = 'PRIMARY' AND ${MYSQL_USERS_OWN}`,
  foreignKeys: `
    SELECT ${columns(
      ...chars('k.referenced_table_schema', 'k.referenced_table_name', 'k.referenced_column_name'),
      ...chars('r.unique_constraint_name'),
      ...chars('k.table_schema', 'k.table_name', 'k.column_name', 'k.constraint_name'),
      ...chars('k.ordinal_position', 'r.update_rule', 'r.delete_rule'),
    )}
    FROM information_schema.key_column_usage k
    JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema
      AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
    WHERE k.referenced_table_name IS NOT NULL AND k.${MYSQL_USERS_OWN}`,
};

/** The columns of a table's primary key in their order, joined as DuckDB joins them in names. */
const sqliteKeyOf = (table: string) =>
  `(SELECT group_concat(name, '_') FROM (SELECT name FROM pragma_table_info(${table}) WHERE pk > 0 ORDER BY pk))`;

/** SQLite keeps no names of keys: they get some in the way of DuckDB's, which keep them apart. */
const sqlite: Questions = {
  primaryKeys: `
    SELECT ${columns("'main'", 't.name', 'c.name', 'c.pk', `t.name || '_' || ${sqliteKeyOf('t.name')} || '_pkey'`)}
    FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND c.pk > 0`,
  foreignKeys: `
    SELECT ${columns(
      "'main'",
      'p.name',
      'pc.name',
      `CASE WHEN pc.pk > 0 THEN p.name || '_' || ${sqliteKeyOf('p.name')} || '_pkey' END`,
      "'main'",
      't.name',
      'f."from"',
      `t.name || '_' || (SELECT group_concat("from", '_') FROM
        (SELECT "from" FROM pragma_foreign_key_list(t.name) WHERE id = f.id ORDER BY seq)) || '_fkey'`,
      'f.seq + 1',
      'f.on_update',
      'f.on_delete',
    )}
    FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f
    JOIN sqlite_master p ON p.type = 'table' AND lower(p.name) = lower(f."table")
    JOIN pragma_table_info(p.name) pc
      ON CASE WHEN f."to" IS NULL THEN pc.pk = f.seq + 1 ELSE lower(pc.name) = lower(f."to") END
    WHERE t.type = 'table'`,
};

const SOURCES: Readonly<Record<string, { readonly ask: string; readonly questions: Questions } | undefined>> =
  {
    postgres: { ask: 'postgres_query', questions: postgres },
    mysql: { ask: 'mysql_query', questions: mysql },
    sqlite: { ask: 'sqlite_query', questions: sqlite },
  };

/** The statement that asks an attached database; undefined where DuckDB knows the answer itself. */
export function asking(question: keyof Questions, { name, type }: DatabaseEntry): string | undefined {
  const source = SOURCES[type];
  const text = source?.questions[question];
  return source && text && `FROM ${source.ask}(${literal(name)}, ${literal(text)})`;
}

const OF_DUCKDB = `
  database_name IN (SELECT database_name FROM duckdb_databases() WHERE NOT internal AND type = 'duckdb')`;

/** As `primaryKeys`, of all databases that are DuckDB's own; before each row the database. */
export const DUCKDB_PRIMARY_KEYS = `
  SELECT database_name, schema_name, table_name, unnest(constraint_column_names),
    generate_subscripts(constraint_column_names, 1), constraint_name
  FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' AND ${OF_DUCKDB}`;

/** As `foreignKeys`, of all databases that are DuckDB's own; before each row the database. They never leave their schema. */
export const DUCKDB_FOREIGN_KEYS = `
  WITH keys AS MATERIALIZED (SELECT * FROM duckdb_constraints() WHERE ${OF_DUCKDB})
  SELECT f.database_name, f.schema_name, f.referenced_table, unnest(f.referenced_column_names), p.constraint_name,
    f.schema_name, f.table_name, unnest(f.constraint_column_names), f.constraint_name,
    generate_subscripts(f.constraint_column_names, 1), 'NO ACTION', 'NO ACTION'
  FROM keys f
  LEFT JOIN keys p ON p.database_name = f.database_name AND p.schema_name = f.schema_name
    AND p.table_name = f.referenced_table AND p.constraint_type IN ('PRIMARY KEY', 'UNIQUE')
    AND list_sort(p.constraint_column_names) = list_sort(f.referenced_column_names)
  WHERE f.constraint_type = 'FOREIGN KEY'`;

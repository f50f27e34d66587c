import { DuckDbError, identifier, type Session } from '@pondpilot/duckdb';
import type { Clock } from '@pondpilot/kernel';
import { CatalogKeys, type Keys } from './catalog-keys.js';
import { asking, type DatabaseEntry } from './catalog-sources.js';
import { readRows } from './read-rows.js';

export interface TableEntry {
  readonly catalog: string;
  readonly schema: string;
  readonly name: string;
  /** `TABLE` or `VIEW`. */
  readonly type: string;
}

export interface SchemaEntry {
  readonly catalog: string;
  readonly schema: string;
}

interface Listing {
  readonly at: number;
  readonly schemas: readonly SchemaEntry[];
  readonly tables: readonly TableEntry[];
  /** Schema messages by qualified name, as far as they were asked for. */
  readonly columns: Map<string, Uint8Array>;
}

/** Listing all databases asks their servers: 0.5 to 0.9 s for a PostgreSQL with 2,000 tables. Changes of others show after so long. */
const FRESH_MS = 30_000;

const DATABASES = 'SELECT database_name, type FROM duckdb_databases() WHERE NOT internal ORDER BY ALL';
const KEYWORDS = 'SELECT DISTINCT keyword_name FROM duckdb_keywords() ORDER BY ALL';
const SCHEMAS =
  "SELECT database_name, schema_name FROM duckdb_schemas() WHERE NOT internal OR schema_name = 'main' ORDER BY ALL";
const TABLES = `
  SELECT database_name, schema_name, table_name, 'TABLE' FROM duckdb_tables() WHERE NOT internal
  UNION ALL
  SELECT database_name, schema_name, view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal
  ORDER BY ALL`;
/** Refreshes what PostgreSQL's extension keeps of its catalogs; an error where it is not loaded. */
const FORGET_POSTGRES = 'CALL pg_clear_cache()';

/**
 * What the user can see: catalogs, schemas and tables of all attached databases, kept for a while. It looks with a session
 * of its own, so nobody's temporary tables are listed.
 */
export class Catalog {
  private listing: Promise<Listing> | undefined;
  private listedAt = 0;
  private readonly knownKeys: CatalogKeys;
  private changes = 0;

  constructor(
    private readonly openSession: () => Promise<Session>,
    private readonly clock: Clock,
  ) {
    this.knownKeys = new CatalogKeys((work) => this.withSession(work), clock);
  }

  /** Something may have changed: the next question is answered anew. */
  changed(): void {
    this.changes++;
    this.listing = undefined;
    this.knownKeys.changed();
  }

  /** Another number after each change. */
  get edition(): number {
    return this.changes;
  }

  /** The databases. Asks no server. */
  databases(): Promise<DatabaseEntry[]> {
    return this.withSession(readDatabases);
  }

  /** Primary and foreign keys of a database. Rejects with DuckDbError where it is down. */
  keys(database: DatabaseEntry): Promise<Keys> {
    return this.knownKeys.of(database);
  }

  /** DuckDB's keywords. */
  async keywords(): Promise<string[]> {
    return (await this.withSession((session) => readRows(session, KEYWORDS))).map(
      ([keyword = '']) => keyword,
    );
  }

  /** Rejects with DuckDbError where an attached database is down. */
  async schemas(): Promise<readonly SchemaEntry[]> {
    return (await this.list()).schemas;
  }

  /** Rejects with DuckDbError where an attached database is down. */
  async tables(): Promise<readonly TableEntry[]> {
    return (await this.list()).tables;
  }

  /**
   * The schema message of each table's columns, in the order of the tables; the fields have Flight SQL's column
   * metadata. A view that no longer fits its tables has no columns.
   */
  async columns(tables: readonly TableEntry[]): Promise<Uint8Array[]> {
    const { columns } = await this.list();
    const missing = tables.filter((table) => !columns.has(qualifiedName(table)));
    if (missing.length > 0) await this.withSession((session) => describe(session, missing, columns));
    const { NO_COLUMNS } = await import('./catalog-columns.js');
    return Promise.all(tables.map((table) => columns.get(qualifiedName(table)) ?? NO_COLUMNS));
  }

  private list(): Promise<Listing> {
    const now = this.clock.now();
    if (!this.listing || now - this.listedAt > FRESH_MS) {
      this.listedAt = now;
      const listing = this.read(now);
      this.listing = listing;
      listing.catch(() => {
        if (this.listing === listing) this.listing = undefined;
      });
    }
    return this.listing;
  }

  private read(at: number): Promise<Listing> {
    return this.withSession(async (session) => {
      await readRows(session, FORGET_POSTGRES).catch(() => undefined);
      const schemas = (await readRows(session, SCHEMAS)).map(([catalog = '', schema = '']) => ({
        catalog,
        schema,
      }));
      const rows = await readRows(session, TABLES);
      const views = await readViews(session);
      const tables = rows
        .map(([catalog = '', schema = '', name = '', type = '']) => ({ catalog, schema, name, type }))
        .map((table) => (views.has(qualifiedName(table)) ? { ...table, type: 'VIEW' } : table));
      return { at, schemas, tables, columns: new Map() };
    });
  }

  private async withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.openSession();
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }
}

const qualifiedName = ({ catalog, schema, name }: Omit<TableEntry, 'type'>) =>
  [catalog, schema, name].map(identifier).join('.');

async function readDatabases(session: Session): Promise<DatabaseEntry[]> {
  return (await readRows(session, DATABASES)).map(([name = '', type = '']) => ({ name, type }));
}

/** Qualified names of views that DuckDB takes for tables. */
async function readViews(session: Session): Promise<ReadonlySet<string>> {
  const views = new Set<string>();
  for (const database of await readDatabases(session)) {
    const statement = asking('views', database);
    if (statement === undefined) continue;
    for (const [schema = '', name = ''] of await readRows(session, statement))
      views.add(qualifiedName({ catalog: database.name, schema, name }));
  }
  return views;
}

/** Puts what is told of the tables' columns into the map. */
async function describe(
  session: Session,
  tables: readonly TableEntry[],
  columns: Map<string, Uint8Array>,
): Promise<void> {
  const { NO_COLUMNS, readColumnFacts, withColumnFacts } = await import('./catalog-columns.js');
  const facts = await readColumnFacts(session, tables);
  for (const table of tables) {
    const name = qualifiedName(table);
    columns.set(name, withColumnFacts((await schemaOf(session, name)) ?? NO_COLUMNS, table, facts.get(name)));
  }
}

/** Undefined where a view no longer fits its tables. */
async function schemaOf(session: Session, name: string): Promise<Uint8Array | undefined> {
  try {
    return (await session.describe(`FROM ${name}`)).schema;
  } catch (error) {
    if (error instanceof DuckDbError && error.kind === 'invalid_argument') return undefined;
    throw error;
  }
}

import { identifier, type Session } from '@pondpilot/duckdb';
import type { Clock } from '@pondpilot/kernel';
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
  readonly columns: Map<string, Promise<Uint8Array>>;
}

/** Listing all databases asks their servers: 0.5 to 0.9 s for a PostgreSQL with 2,000 tables. Changes of others show after so long. */
const FRESH_MS = 30_000;

const CATALOGS = 'SELECT database_name FROM duckdb_databases() WHERE NOT internal ORDER BY ALL';
const SCHEMAS =
  "SELECT database_name, schema_name FROM duckdb_schemas() WHERE NOT internal OR schema_name = 'main' ORDER BY ALL";
const TABLES = `
  SELECT database_name, schema_name, table_name, 'TABLE' FROM duckdb_tables() WHERE NOT internal
  UNION ALL
  SELECT database_name, schema_name, view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal
  ORDER BY ALL`;
/** Refreshes what PostgreSQL's extension keeps of its catalogs; an error where it is not loaded. */
const FORGET_POSTGRES = 'CALL pg_clear_cache()';

/** What the user can see: catalogs, schemas and tables of all attached databases, kept for a while. */
export class Catalog {
  private listing: Promise<Listing> | undefined;
  private listedAt = 0;

  constructor(
    private readonly openSession: () => Promise<Session>,
    private readonly clock: Clock,
  ) {}

  /** Something may have changed: the next question is answered anew. */
  changed(): void {
    this.listing = undefined;
  }

  /** Names of the databases. Asks no server. */
  async catalogs(): Promise<string[]> {
    return (await this.withSession((session) => readRows(session, CATALOGS))).map(([name]) => name ?? '');
  }

  /** Rejects with DuckDbError where an attached database is down. */
  async schemas(): Promise<readonly SchemaEntry[]> {
    return (await this.list()).schemas;
  }

  /** Rejects with DuckDbError where an attached database is down. */
  async tables(): Promise<readonly TableEntry[]> {
    return (await this.list()).tables;
  }

  /** The schema message of each table's columns, in the order of the tables. */
  async columns(tables: readonly TableEntry[]): Promise<Uint8Array[]> {
    const { columns } = await this.list();
    return this.withSession(async (session) => {
      const messages: Uint8Array[] = [];
      for (const { catalog, schema, name } of tables) {
        const qualified = [catalog, schema, name].map(identifier).join('.');
        let message = columns.get(qualified);
        if (!message) {
          message = session.describe(`FROM ${qualified}`).then((described) => described.schema);
          columns.set(qualified, message);
          message.catch(() => columns.delete(qualified));
        }
        messages.push(await message);
      }
      return messages;
    });
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
      const tables = (await readRows(session, TABLES)).map(
        ([catalog = '', schema = '', name = '', type = '']) => ({
          catalog,
          schema,
          name,
          type,
        }),
      );
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

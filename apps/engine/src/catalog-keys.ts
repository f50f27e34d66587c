import type { Session } from '@pondpilot/duckdb';
import type { Clock } from '@pondpilot/kernel';
import { DUCKDB_FOREIGN_KEYS, DUCKDB_PRIMARY_KEYS, asking, type DatabaseEntry } from './catalog-sources.js';
import { readRows } from './read-rows.js';

/** A column of a key. */
export interface KeyColumn {
  readonly catalog: string;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** The key's name; undefined where it has none. */
  readonly key: string | undefined;
}

export interface PrimaryKeyColumn extends KeyColumn {
  /** Place in the key, from 1. */
  readonly sequence: number;
}

/** A column that refers to one of another table, of the same database. */
export interface ForeignKeyColumn {
  readonly primary: KeyColumn;
  readonly foreign: KeyColumn;
  /** Place in the key, from 1. */
  readonly sequence: number;
  /** Codes of Flight SQL's UpdateDeleteRules. */
  readonly updateRule: number;
  readonly deleteRule: number;
}

export interface Keys {
  readonly primary: readonly PrimaryKeyColumn[];
  readonly foreign: readonly ForeignKeyColumn[];
}

type Row = (string | undefined)[];

/** How long keys of other databases are kept: nobody tells when they change there. */
const FRESH_MS = 30_000;

/** Codes of UpdateDeleteRules by what the sources call them; PostgreSQL has letters. */
const RULES: Readonly<Record<string, number>> = {
  c: 0,
  cascade: 0,
  r: 1,
  restrict: 1,
  n: 2,
  'set null': 2,
  a: 3,
  'no action': 3,
  d: 4,
  'set default': 4,
};
const NO_ACTION = 3;

/** Primary and foreign keys of all databases, each read from where it is known, kept for a while. */
export class CatalogKeys {
  /** Of all databases that are DuckDB's own: those change by statements of this engine only. */
  private own: Promise<Keys> | undefined;
  private lastOwn: Keys | undefined;
  private readonly others = new Map<string, { readonly at: number; readonly keys: Promise<Keys> }>();

  constructor(
    private readonly withSession: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
    private readonly clock: Clock,
  ) {}

  /** Something may have changed: the next question is answered anew. */
  changed(): void {
    this.own = undefined;
    this.others.clear();
  }

  /** Rejects with DuckDbError where the database is down. */
  async of(database: DatabaseEntry): Promise<Keys> {
    if (asking('primaryKeys', database) !== undefined) return this.ofOther(database);
    const { primary, foreign } = await this.ofOwn();
    return {
      primary: primary.filter(({ catalog }) => catalog === database.name),
      foreign: foreign.filter((key) => key.foreign.catalog === database.name),
    };
  }

  /**
   * DuckDB looks into every database for them, and fails where one is down. What was known before serves then: the keys
   * of one database are not to be missed for the outage of another.
   */
  private ofOwn(): Promise<Keys> {
    if (!this.own) {
      const own = this.withSession(readOwn);
      this.own = own;
      own.then(
        (keys) => (this.lastOwn = keys),
        () => {
          if (this.own === own) this.own = undefined;
        },
      );
    }
    return this.own.catch((error: unknown) => {
      if (!this.lastOwn) throw error;
      return this.lastOwn;
    });
  }

  private ofOther(database: DatabaseEntry): Promise<Keys> {
    const now = this.clock.now();
    const kept = this.others.get(database.name);
    if (kept && now - kept.at <= FRESH_MS) return kept.keys;
    const keys = this.withSession((session) => readOther(session, database));
    const entry = { at: now, keys };
    this.others.set(database.name, entry);
    keys.catch(() => {
      if (this.others.get(database.name) === entry) this.others.delete(database.name);
    });
    return keys;
  }
}

async function readOwn(session: Session): Promise<Keys> {
  const [primary, foreign] = [
    await readRows(session, DUCKDB_PRIMARY_KEYS),
    await readRows(session, DUCKDB_FOREIGN_KEYS),
  ];
  return {
    primary: primary.map(([catalog = '', ...row]) => primaryKey(catalog, row)),
    foreign: foreign.map(([catalog = '', ...row]) => foreignKey(catalog, row)),
  };
}

/** In a transaction: SQLite's extension lets go of its file between preparing and executing a query otherwise. */
async function readOther(session: Session, database: DatabaseEntry): Promise<Keys> {
  const read = async (question: 'primaryKeys' | 'foreignKeys') =>
    readRows(session, asking(question, database) ?? '');
  await session.run('BEGIN TRANSACTION READ ONLY');
  const [primary, foreign] = [await read('primaryKeys'), await read('foreignKeys')];
  await session.run('COMMIT');
  return {
    primary: primary.map((row) => primaryKey(database.name, row)),
    foreign: foreign.map((row) => foreignKey(database.name, row)),
  };
}

function primaryKey(catalog: string, row: Row): PrimaryKeyColumn {
  const [schema, table, column, sequence, key] = row;
  return { ...keyColumn(catalog, [schema, table, column, key]), sequence: Number(sequence) };
}

function foreignKey(catalog: string, row: Row): ForeignKeyColumn {
  const [sequence, updateRule, deleteRule] = row.slice(8);
  return {
    primary: keyColumn(catalog, row.slice(0, 4)),
    foreign: keyColumn(catalog, row.slice(4, 8)),
    sequence: Number(sequence),
    updateRule: ruleOf(updateRule),
    deleteRule: ruleOf(deleteRule),
  };
}

function keyColumn(catalog: string, [schema = '', table = '', column = '', key]: Row): KeyColumn {
  return { catalog, schema, table, column, key };
}

function ruleOf(name = ''): number {
  return RULES[name.toLowerCase()] ?? NO_ACTION;
}

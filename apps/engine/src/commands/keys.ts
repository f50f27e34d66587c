import { identifier } from '@pondpilot/duckdb';
import {
  CommandGetCrossReferenceSchema,
  CommandGetExportedKeysSchema,
  CommandGetImportedKeysSchema,
  CommandGetPrimaryKeysSchema,
  command,
  type Handlers,
} from '@pondpilot/flight-sql';
import { Field, Int32, Schema, Uint8 } from 'apache-arrow';
import type { ForeignKeyColumn, KeyColumn, Keys, PrimaryKeyColumn } from '../catalog-keys.js';
import { schemaMessage } from '../schema-message.js';
import { sendListed, utf8, type Listed } from './metadata-result.js';
import { requireAttached } from './metadata.js';
import type { CommandParts } from './parts.js';

const PRIMARY_KEYS = new Schema([
  utf8('catalog_name', true),
  utf8('db_schema_name', true),
  utf8('table_name', false),
  utf8('column_name', false),
  new Field('key_sequence', new Int32(), false),
  utf8('key_name', true),
]);

/** Of exported keys, imported keys and cross references alike. */
const FOREIGN_KEYS = new Schema([
  utf8('pk_catalog_name', true),
  utf8('pk_db_schema_name', true),
  utf8('pk_table_name', false),
  utf8('pk_column_name', false),
  utf8('fk_catalog_name', true),
  utf8('fk_db_schema_name', true),
  utf8('fk_table_name', false),
  utf8('fk_column_name', false),
  new Field('key_sequence', new Int32(), false),
  utf8('fk_key_name', true),
  utf8('pk_key_name', true),
  new Field('update_rule', new Uint8(), false),
  new Field('delete_rule', new Uint8(), false),
]);

/** A table as commands name it: an absent catalog or schema stands for all, an empty one for those without. */
interface NamedTable {
  readonly catalog?: string | undefined;
  readonly dbSchema?: string | undefined;
  readonly table: string;
}

/** Primary and foreign keys. */
export function keysCommands(parts: CommandParts): Handlers {
  return {
    commands: [
      command({
        message: CommandGetPrimaryKeysSchema,
        schema: async () => schemaMessage(PRIMARY_KEYS),
        stream: async (table, call) => sendListed(await listPrimaryKeys(parts, table), call),
      }),
      command({
        message: CommandGetExportedKeysSchema,
        schema: async () => schemaMessage(FOREIGN_KEYS),
        stream: async (pk, call) => sendListed(await listForeignKeys(parts, { pk }, byForeign), call),
      }),
      command({
        message: CommandGetImportedKeysSchema,
        schema: async () => schemaMessage(FOREIGN_KEYS),
        stream: async (fk, call) => sendListed(await listForeignKeys(parts, { fk }, byPrimary), call),
      }),
      command({
        message: CommandGetCrossReferenceSchema,
        schema: async () => schemaMessage(FOREIGN_KEYS),
        stream: async ({ pkCatalog, pkDbSchema, pkTable, fkCatalog, fkDbSchema, fkTable }, call) => {
          const pk = { catalog: pkCatalog, dbSchema: pkDbSchema, table: pkTable };
          const fk = { catalog: fkCatalog, dbSchema: fkDbSchema, table: fkTable };
          await sendListed(await listForeignKeys(parts, { pk, fk }, byPrimary), call);
        },
      }),
    ],
  };
}

async function listPrimaryKeys(parts: CommandParts, table: NamedTable): Promise<Listed> {
  const found = (await keysIn(parts, [table.catalog]))
    .flatMap(({ primary }) => primary)
    .filter((key) => isIn(key, table))
    .toSorted((a, b) => compare(placeOf(a), placeOf(b)) || a.sequence - b.sequence);
  const of = (value: (key: PrimaryKeyColumn) => unknown) => found.map(value);
  return {
    schema: PRIMARY_KEYS,
    columns: [
      of((key) => key.catalog),
      of((key) => key.schema),
      of((key) => key.table),
      of((key) => key.column),
      of((key) => key.sequence),
      of((key) => key.key ?? null),
    ],
  };
}

async function listForeignKeys(
  parts: CommandParts,
  { pk, fk }: { readonly pk?: NamedTable; readonly fk?: NamedTable },
  order: (a: ForeignKeyColumn, b: ForeignKeyColumn) => number,
): Promise<Listed> {
  const found = (await keysIn(parts, [pk?.catalog, fk?.catalog]))
    .flatMap(({ foreign }) => foreign)
    .filter((key) => (!pk || isIn(key.primary, pk)) && (!fk || isIn(key.foreign, fk)))
    .toSorted(order);
  const of = (value: (key: ForeignKeyColumn) => unknown) => found.map(value);
  return {
    schema: FOREIGN_KEYS,
    columns: [
      of(({ primary }) => primary.catalog),
      of(({ primary }) => primary.schema),
      of(({ primary }) => primary.table),
      of(({ primary }) => primary.column),
      of(({ foreign }) => foreign.catalog),
      of(({ foreign }) => foreign.schema),
      of(({ foreign }) => foreign.table),
      of(({ foreign }) => foreign.column),
      of(({ sequence }) => sequence),
      of(({ foreign }) => foreign.key ?? null),
      of(({ primary }) => primary.key ?? null),
      of(({ updateRule }) => updateRule),
      of(({ deleteRule }) => deleteRule),
    ],
  };
}

/** Keys of the databases that all of these names allow. Rejects with DuckDbError, naming the database that is down. */
async function keysIn(
  { catalog, databases }: CommandParts,
  filters: readonly (string | undefined)[],
): Promise<Keys[]> {
  for (const filter of filters) requireAttached(databases, filter);
  const asked = (await catalog.databases()).filter(({ name }) =>
    filters.every((filter) => filter === undefined || filter === name),
  );
  const found: Keys[] = [];
  for (const database of asked) {
    try {
      found.push(await catalog.keys(database));
    } catch (error) {
      throw databases.explain(error, `${identifier(database.name)}.`);
    }
  }
  return found;
}

function isIn(key: KeyColumn, { catalog, dbSchema, table }: NamedTable): boolean {
  return (
    key.table === table &&
    (catalog === undefined || key.catalog === catalog) &&
    (dbSchema === undefined || key.schema === dbSchema)
  );
}

const placeOf = ({ catalog, schema, table, key = '' }: KeyColumn) => [catalog, schema, table, key];

/** Exported keys come by who refers. */
function byForeign(a: ForeignKeyColumn, b: ForeignKeyColumn): number {
  return compare(placeOf(a.foreign), placeOf(b.foreign)) || a.sequence - b.sequence;
}

/** Imported keys and cross references come by what is referred to. */
function byPrimary(a: ForeignKeyColumn, b: ForeignKeyColumn): number {
  return (
    compare(placeOf(a.primary), placeOf(b.primary)) ||
    a.sequence - b.sequence ||
    compare(placeOf(a.foreign), placeOf(b.foreign))
  );
}

/** By code points, as the other listings are ordered. */
function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? '';
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}

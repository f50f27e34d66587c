import {
  CommandGetCatalogsSchema,
  CommandGetDbSchemasSchema,
  CommandGetTableTypesSchema,
  CommandGetTablesSchema,
  command,
  encapsulate,
  type CommandGetDbSchemas,
  type CommandGetTables,
  type Handlers,
  type ServerCall,
} from '@pondpilot/flight-sql';
import { DuckDbError, identifier } from '@pondpilot/duckdb';
import { Binary, Field, Schema } from 'apache-arrow';
import type { AttachedDatabases } from '../attached-databases.js';
import type { Catalog } from '../catalog.js';
import { schemaMessage } from '../schema-message.js';
import { sendListed, utf8, type Listed } from './metadata-result.js';
import type { CommandParts } from './parts.js';

/** Results of the catalogue commands; nullability as the Flight SQL specification has it, or clients refuse them. */
const CATALOGS = new Schema([utf8('catalog_name', false)]);
const DB_SCHEMAS = new Schema([utf8('catalog_name', true), utf8('db_schema_name', false)]);
const TABLE_TYPES = new Schema([utf8('table_type', false)]);
const TABLE_FIELDS = [
  utf8('catalog_name', true),
  utf8('db_schema_name', true),
  utf8('table_name', false),
  utf8('table_type', false),
];
const TABLES = new Schema(TABLE_FIELDS);
const TABLES_WITH_SCHEMA = new Schema([...TABLE_FIELDS, new Field('table_schema', new Binary(), false)]);

/** Catalogs, schemas, tables and their types. */
export function metadataCommands({ catalog, databases }: CommandParts): Handlers {
  const send = async (list: () => Promise<Listed>, call: ServerCall, asked?: string) => {
    requireAttached(databases, asked);
    try {
      await sendListed(await list(), call);
    } catch (error) {
      throw databases.explain(error, '');
    }
  };
  return {
    commands: [
      command({
        message: CommandGetCatalogsSchema,
        schema: async () => schemaMessage(CATALOGS),
        stream: (_request, call) => send(() => listCatalogs(catalog), call),
      }),
      command({
        message: CommandGetDbSchemasSchema,
        schema: async () => schemaMessage(DB_SCHEMAS),
        stream: (request, call) => send(() => listDbSchemas(catalog, request), call, request.catalog),
      }),
      command({
        message: CommandGetTablesSchema,
        schema: async ({ includeSchema }) => schemaMessage(includeSchema ? TABLES_WITH_SCHEMA : TABLES),
        stream: (request, call) => send(() => listTables(catalog, request), call, request.catalog),
      }),
      command({
        message: CommandGetTableTypesSchema,
        schema: async () => schemaMessage(TABLE_TYPES),
        stream: (_request, call) => sendListed(listTableTypes(), call),
      }),
    ],
  };
}

const column = <T>(rows: readonly T[], value: (row: T) => string): string[] => rows.map(value);

async function listCatalogs(catalog: Catalog): Promise<Listed> {
  return { schema: CATALOGS, columns: [(await catalog.databases()).map(({ name }) => name)] };
}

async function listDbSchemas(catalog: Catalog, filter: CommandGetDbSchemas): Promise<Listed> {
  const matches = like(filter.dbSchemaFilterPattern);
  const found = (await catalog.schemas()).filter(
    (entry) => isCatalog(entry.catalog, filter.catalog) && matches(entry.schema),
  );
  return { schema: DB_SCHEMAS, columns: [column(found, (e) => e.catalog), column(found, (e) => e.schema)] };
}

async function listTables(catalog: Catalog, filter: CommandGetTables): Promise<Listed> {
  const [inSchema, named] = [like(filter.dbSchemaFilterPattern), like(filter.tableNameFilterPattern)];
  const types = new Set(filter.tableTypes.map((type) => type.toUpperCase()));
  const found = (await catalog.tables()).filter(
    (entry) =>
      isCatalog(entry.catalog, filter.catalog) &&
      inSchema(entry.schema) &&
      named(entry.name) &&
      (types.size === 0 || types.has(entry.type)),
  );
  const columns = [
    column(found, (e) => e.catalog),
    column(found, (e) => e.schema),
    column(found, (e) => e.name),
    column(found, (e) => e.type),
  ];
  if (!filter.includeSchema) return { schema: TABLES, columns };
  const schemas = (await catalog.columns(found)).map(encapsulate);
  return { schema: TABLES_WITH_SCHEMA, columns: [...columns, schemas] };
}

function listTableTypes(): Listed {
  return { schema: TABLE_TYPES, columns: [['TABLE', 'VIEW']] };
}

/** Throws where that catalog is a configured database that could not be attached, with what users are told of it. */
export function requireAttached(databases: AttachedDatabases, catalog: string | undefined): void {
  const absent = databases.health.some(({ alias, attached }) => alias === catalog && !attached);
  if (!absent || catalog === undefined) return;
  const unknown = new DuckDbError('invalid_argument', `The catalog "${catalog}" does not exist.`, false);
  throw databases.explain(unknown, `${identifier(catalog)}.`);
}

/** An absent filter means every catalog; an empty one those without a catalog, of which there are none. */
function isCatalog(name: string, filter: string | undefined): boolean {
  return filter === undefined || name === filter;
}

/** A LIKE pattern: `%` any text, `_` any character, `\` before either for itself. Absent: everything. */
export function like(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined) return () => true;
  const source = pattern.replaceAll(
    /\\([%_\\])|[%_]|[\\^$.*+?()[\]{}|]/g,
    (token, escaped: string | undefined) => {
      if (escaped !== undefined) return escaped === '\\' ? '\\\\' : escaped;
      if (token === '%') return '[^]*';
      return token === '_' ? '[^]' : `\\${token}`;
    },
  );
  const expression = new RegExp(`^${source}$`, 'u');
  return (text) => expression.test(text);
}

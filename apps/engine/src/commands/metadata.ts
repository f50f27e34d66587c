import {
  CommandGetCatalogsSchema,
  CommandGetDbSchemasSchema,
  CommandGetTableTypesSchema,
  CommandGetTablesSchema,
  command,
  encapsulate,
  frameFlightData,
  type CommandGetDbSchemas,
  type CommandGetTables,
  type Handlers,
  type ServerCall,
} from '@pondpilot/flight-sql';
import {
  Binary,
  Field,
  Schema,
  Table,
  Utf8,
  tableToIPC,
  vectorFromArray,
  makeData,
  RecordBatch,
  Struct,
  type DataType,
} from 'apache-arrow';
import type { Catalog } from '../catalog.js';
import { splitIpcStream } from '../ipc-messages.js';
import type { CommandParts } from './parts.js';

/** Results of the catalogue commands; nullability as the Flight SQL specification has it, or clients refuse them. */
const utf8 = (name: string, nullable: boolean) => new Field(name, new Utf8(), nullable);
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

/** A result that is known in full: its Arrow schema, and its columns. */
interface Listed {
  readonly schema: Schema;
  readonly columns: readonly (readonly (string | Uint8Array)[])[];
}

/** Catalogs, schemas, tables and their types. */
export function metadataCommands({ catalog, databases }: CommandParts): Handlers {
  const send = async (listed: Promise<Listed>, call: ServerCall) => {
    try {
      await sendListed(await listed, call);
    } catch (error) {
      throw databases.explain(error, '');
    }
  };
  return {
    commands: [
      command({
        message: CommandGetCatalogsSchema,
        schema: async () => schemaMessage(CATALOGS),
        stream: (_request, call) => send(listCatalogs(catalog), call),
      }),
      command({
        message: CommandGetDbSchemasSchema,
        schema: async () => schemaMessage(DB_SCHEMAS),
        stream: (request, call) => send(listDbSchemas(catalog, request), call),
      }),
      command({
        message: CommandGetTablesSchema,
        schema: async ({ includeSchema }) => schemaMessage(includeSchema ? TABLES_WITH_SCHEMA : TABLES),
        stream: (request, call) => send(listTables(catalog, request), call),
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
  return { schema: CATALOGS, columns: [await catalog.catalogs()] };
}

async function listDbSchemas(catalog: Catalog, command: CommandGetDbSchemas): Promise<Listed> {
  const matches = like(command.dbSchemaFilterPattern);
  const found = (await catalog.schemas()).filter(
    (entry) => isCatalog(entry.catalog, command.catalog) && matches(entry.schema),
  );
  return { schema: DB_SCHEMAS, columns: [column(found, (e) => e.catalog), column(found, (e) => e.schema)] };
}

async function listTables(catalog: Catalog, command: CommandGetTables): Promise<Listed> {
  const [inSchema, named] = [like(command.dbSchemaFilterPattern), like(command.tableNameFilterPattern)];
  const types = new Set(command.tableTypes.map((type) => type.toUpperCase()));
  const found = (await catalog.tables()).filter(
    (entry) =>
      isCatalog(entry.catalog, command.catalog) &&
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
  if (!command.includeSchema) return { schema: TABLES, columns };
  const schemas = (await catalog.columns(found)).map(encapsulate);
  return { schema: TABLES_WITH_SCHEMA, columns: [...columns, schemas] };
}

function listTableTypes(): Listed {
  return { schema: TABLE_TYPES, columns: [['TABLE', 'VIEW']] };
}

/** Sends a listed result as FlightData; the caller ends the call. */
async function sendListed({ schema, columns }: Listed, call: ServerCall): Promise<void> {
  const length = columns[0]?.length ?? 0;
  const children = schema.fields.map(({ type }, index) => {
    const values = columns[index] ?? [];
    return (
      vectorFromArray(values as never[], type as DataType).data[0] ?? makeData({ type, length: 0 } as never)
    );
  });
  const struct = makeData({ type: new Struct(schema.fields), length, children });
  const table = new Table(schema, [new RecordBatch(schema, struct)]);
  for (const { header, body } of splitIpcStream(tableToIPC(table, 'stream')))
    await call.send(frameFlightData(header, body));
}

function schemaMessage(schema: Schema): Uint8Array {
  return splitIpcStream(tableToIPC(new Table(schema), 'stream'))[0]?.header ?? new Uint8Array();
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

import {
  CommandGetCatalogsSchema,
  CommandGetCrossReferenceSchema,
  CommandGetDbSchemasSchema,
  CommandGetExportedKeysSchema,
  CommandGetImportedKeysSchema,
  CommandGetPrimaryKeysSchema,
  CommandGetSqlInfoSchema,
  CommandGetTableTypesSchema,
  CommandGetTablesSchema,
  CommandGetXdbcTypeInfoSchema,
  command,
  type AnyCommand,
  type Handlers,
} from '@pondpilot/flight-sql';
import type { CommandParts } from './parts.js';

const MESSAGES: readonly AnyCommand['message'][] = [
  CommandGetCatalogsSchema,
  CommandGetDbSchemasSchema,
  CommandGetTablesSchema,
  CommandGetTableTypesSchema,
  CommandGetPrimaryKeysSchema,
  CommandGetExportedKeysSchema,
  CommandGetImportedKeysSchema,
  CommandGetCrossReferenceSchema,
  CommandGetXdbcTypeInfoSchema,
  CommandGetSqlInfoSchema,
];

/**
 * The commands that tell what there is, loaded at the first of them: what makes their results, Arrow for JavaScript, takes
 * as long to load as DuckDB to open.
 */
export function describingCommands(parts: CommandParts): Handlers {
  let loading: Promise<ReadonlyMap<unknown, AnyCommand>> | undefined;
  const load = async (message: unknown): Promise<AnyCommand> => {
    loading ??= loadCommands(parts);
    return (await loading).get(message)!;
  };
  return {
    commands: MESSAGES.map((message) =>
      command({
        message,
        schema: async (request, call) => (await load(message)).schema!(request, call),
        stream: async (request, call) => (await load(message)).stream!(request, call),
      }),
    ),
  };
}

async function loadCommands(parts: CommandParts): Promise<ReadonlyMap<unknown, AnyCommand>> {
  const [{ metadataCommands }, { keysCommands }, { typeInfoCommands }, { sqlInfoCommands }] =
    await Promise.all([
      import('./metadata.js'),
      import('./keys.js'),
      import('./type-info.js'),
      import('./sql-info.js'),
    ]);
  const all = [metadataCommands(parts), keysCommands(parts), typeInfoCommands(), sqlInfoCommands(parts)];
  return new Map(all.flatMap(({ commands = [] }) => commands.map((each) => [each.message, each])));
}

import type { Handlers } from '@pondpilot/flight-sql';
import { cancelCommands } from './cancel.js';
import { ingestCommands } from './ingest.js';
import { keysCommands } from './keys.js';
import { metadataCommands } from './metadata.js';
import type { CommandParts } from './parts.js';
import { preparedCommands } from './prepared.js';
import { sessionCommands } from './sessions.js';
import { sqlInfoCommands } from './sql-info.js';
import { statementCommands } from './statements.js';
import { transactionCommands } from './transactions.js';
import { typeInfoCommands } from './type-info.js';

/** All that an engine answers to. A new command is a file here and a line below. */
export function commandsOf(parts: CommandParts): Handlers[] {
  return [
    statementCommands(parts),
    preparedCommands(parts),
    ingestCommands(parts),
    transactionCommands(parts),
    sessionCommands(parts),
    cancelCommands(parts),
    metadataCommands(parts),
    keysCommands(parts),
    typeInfoCommands(),
    sqlInfoCommands(parts),
  ];
}

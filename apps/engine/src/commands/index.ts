import type { Handlers } from '@pondpilot/flight-sql';
import { cancelCommands } from './cancel.js';
import { describingCommands } from './describing.js';
import { ingestCommands } from './ingest.js';
import type { CommandParts } from './parts.js';
import { preparedCommands } from './prepared.js';
import { sessionCommands } from './sessions.js';
import { statementCommands } from './statements.js';
import { transactionCommands } from './transactions.js';

/** All that an engine answers to. A new command is a file here and a line below, or in `describing.ts`. */
export function commandsOf(parts: CommandParts): Handlers[] {
  return [
    statementCommands(parts),
    preparedCommands(parts),
    ingestCommands(parts),
    transactionCommands(parts),
    sessionCommands(parts),
    cancelCommands(parts),
    describingCommands(parts),
  ];
}

import { identifier, type ArrowInput, type Connection } from '@pondpilot/duckdb';
import {
  CommandStatementIngestSchema,
  CommandStatementIngest_TableDefinitionOptions_TableExistsOption as IfExists,
  CommandStatementIngest_TableDefinitionOptions_TableNotExistOption as IfNotExist,
  command,
  type CommandStatementIngest,
  type Handlers,
  type IpcMessage,
  type ServerCall,
} from '@pondpilot/flight-sql';
import { DomainError } from '@pondpilot/kernel';
import { originOf } from '../call-origin.js';
import type { Transaction } from '../transaction.js';
import { unlessAborted } from '../unless-aborted.js';
import { upload } from '../upload.js';
import type { CommandParts } from './parts.js';
import { requestOf, updateResult } from './statements.js';

/** A table's rows as Arrow, all or none. */
export function ingestCommands(parts: CommandParts): Handlers {
  return {
    commands: [
      command({
        message: CommandStatementIngestSchema,
        put: async (ingest, input, call) => {
          const target = targetOf(ingest);
          const named = await requestOf(parts, insertStatement(ingest, target), ingest.transactionId, call);
          const request = {
            ...named,
            transaction: named.transaction ?? (await currentTransaction(parts, call)),
          };
          const rows = await parts.statements.atomically(request, (connection, signal) =>
            fill(connection, ingest, target, upload(input.lend(), signal, parts), signal),
          );
          return updateResult(rows);
        },
      }),
    ],
  };
}

/** ADBC's driver forgets to name the transaction that it is in. */
async function currentTransaction(
  { sessions }: CommandParts,
  call: ServerCall,
): Promise<Transaction | undefined> {
  const { session, connection } = originOf(call);
  return (await sessions.get(session)).currentOf(connection);
}

async function fill(
  connection: Connection,
  ingest: CommandStatementIngest,
  target: string,
  messages: AsyncGenerator<IpcMessage>,
  signal: AbortSignal,
): Promise<number> {
  const schema = await messages.next();
  if (schema.done) throw new DomainError('invalid_argument', 'The stream holds no Arrow schema.');
  const arrow = await connection.openArrowInput(schema.value.header);
  try {
    await makeTable(connection, arrow, ingest, target);
    const insert = `INSERT INTO ${target} BY NAME SELECT * FROM ${arrow.view}`;
    for await (const { header, body } of messages) await arrow.write(header, body, insert);
    return await unlessAborted(arrow.flush(insert), signal);
  } finally {
    await arrow.close();
  }
}

async function makeTable(
  connection: Connection,
  arrow: ArrowInput,
  { tableDefinitionOptions, table, temporary }: CommandStatementIngest,
  target: string,
): Promise<void> {
  const exists = await isTable(connection, target);
  const create = () =>
    arrow.run(`CREATE ${temporary ? 'TEMPORARY ' : ''}TABLE ${target} AS FROM ${arrow.view}`);
  const { ifExists, ifNotExist } = tableDefinitionOptions ?? {};
  if (!exists) {
    if (ifNotExist === IfNotExist.CREATE) return void (await create());
    if (ifNotExist === IfNotExist.FAIL)
      throw new DomainError('not_found', `The table "${table}" does not exist.`);
    throw unspecified();
  }
  if (ifExists === IfExists.APPEND) return;
  if (ifExists === IfExists.FAIL)
    throw new DomainError('already_exists', `The table "${table}" already exists.`);
  if (ifExists !== IfExists.REPLACE) throw unspecified();
  await connection.run(`DROP TABLE ${target}`);
  await create();
}

/** Whether something of that name can be read. Rejects where its database can't be asked. */
async function isTable(connection: Connection, target: string): Promise<boolean> {
  try {
    await connection.prepare(`FROM ${target}`);
    return true;
  } catch (error) {
    if (error instanceof DomainError && /^Catalog Error: .*does not exist/s.test(error.message)) return false;
    throw error;
  }
}

function unspecified(): DomainError {
  return new DomainError(
    'invalid_argument',
    'CommandStatementIngest must say what to do where the table exists (FAIL, APPEND, REPLACE), and where it does not (CREATE, FAIL).',
  );
}

/** The table's qualified name. Temporary tables have their own catalog. */
function targetOf({ catalog, schema, table, temporary }: CommandStatementIngest): string {
  if (table === '') throw new DomainError('invalid_argument', 'CommandStatementIngest must name its table.');
  if (temporary) return `temp.${identifier(table)}`;
  const parts = [catalog, schema].filter((part) => part !== undefined && part !== '');
  return [...parts, table].map((part) => identifier(part ?? '')).join('.');
}

/** What the ingest is to logs and to its session: the statement that it comes down to. */
function insertStatement({ temporary }: CommandStatementIngest, target: string): string {
  return temporary ? `CREATE TEMPORARY TABLE ${target} AS SELECT 1` : `INSERT INTO ${target} DEFAULT VALUES`;
}

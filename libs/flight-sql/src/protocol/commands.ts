import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { AnySchema, anyPack, type Any } from '@bufbuild/protobuf/wkt';
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { DomainError } from '@pondpilot/kernel';
import {
  CommandGetCatalogsSchema,
  CommandGetDbSchemasSchema,
  CommandGetSqlInfoSchema,
  CommandGetTableTypesSchema,
  CommandGetTablesSchema,
  CommandPreparedStatementQuerySchema,
  CommandPreparedStatementUpdateSchema,
  CommandStatementQuerySchema,
  CommandStatementUpdateSchema,
  TicketStatementQuerySchema,
} from '../gen/arrow/flight/protocol/FlightSql_pb.js';

/** Known commands by the short name of their message, each with what it is decoded by. */
const COMMANDS = {
  CommandGetCatalogs: CommandGetCatalogsSchema,
  CommandGetDbSchemas: CommandGetDbSchemasSchema,
  CommandGetTables: CommandGetTablesSchema,
  CommandGetTableTypes: CommandGetTableTypesSchema,
  CommandGetSqlInfo: CommandGetSqlInfoSchema,
  CommandPreparedStatementQuery: CommandPreparedStatementQuerySchema,
  CommandPreparedStatementUpdate: CommandPreparedStatementUpdateSchema,
  CommandStatementQuery: CommandStatementQuerySchema,
  CommandStatementUpdate: CommandStatementUpdateSchema,
  TicketStatementQuery: TicketStatementQuerySchema,
} as const;

type Commands = typeof COMMANDS;
export type CommandName = keyof Commands;
export type CommandMessage<N extends CommandName> = MessageShape<Commands[N]>;

/** A Flight SQL command, unpacked. */
export type Command = {
  [N in CommandName]: { readonly name: N; readonly message: CommandMessage<N> };
}[CommandName];

const TYPE_PREFIX = 'type.googleapis.com/';
const SQL_PACKAGE = 'arrow.flight.protocol.sql.';
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Unpacks the `cmd` of a descriptor, or a ticket: a Flight SQL message in an `Any`, or SQL as plain text, which means
 * the same as `CommandStatementQuery`. Throws `unimplemented` for a Flight SQL message that is not served here and
 * `invalid_argument` for bytes that are neither.
 */
export function unpackCommand(bytes: Uint8Array): Command {
  const any = asAny(bytes);
  if (!any)
    return {
      name: 'CommandStatementQuery',
      message: create(CommandStatementQuerySchema, { query: asSql(bytes) }),
    };
  const name = any.typeUrl.slice(TYPE_PREFIX.length + SQL_PACKAGE.length);
  if (!isCommand(name))
    throw new DomainError('unimplemented', `The Flight SQL command ${name} is not supported.`);
  return { name, message: decode(COMMANDS[name], any.value, name) } as Command;
}

/** Unpacks an action's body, which must be the given message in an `Any`. Throws `invalid_argument` otherwise. */
export function unpackActionBody<D extends DescMessage>(schema: D, body: Uint8Array): MessageShape<D> {
  const any = asAny(body);
  if (any?.typeUrl !== TYPE_PREFIX + schema.typeName)
    throw new DomainError('invalid_argument', `The body of the action must be a ${schema.name} in an Any.`);
  return decode(schema, any.value, schema.name);
}

/** A message packed into an `Any`, encoded. */
export function packAny<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Uint8Array {
  return toBinary(AnySchema, anyPack(schema, create(schema, init)));
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function asAny(bytes: Uint8Array): Any | undefined {
  try {
    const any = fromBinary(AnySchema, bytes);
    return any.typeUrl.startsWith(TYPE_PREFIX + SQL_PACKAGE) ? any : undefined;
  } catch {
    return undefined;
  }
}

function decode<D extends DescMessage>(schema: D, bytes: Uint8Array, name: string): MessageShape<D> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw new DomainError('invalid_argument', `The ${name} message is malformed.`, { cause });
  }
}

function asSql(bytes: Uint8Array): string {
  try {
    const text = strictUtf8.decode(bytes);
    if (text.trim() !== '' && !text.includes('\0')) return text;
  } catch {
    // Not text: answered below.
  }
  throw new DomainError(
    'invalid_argument',
    'The command is neither a Flight SQL message nor SQL as UTF-8 text. Send the statement itself, or use a Flight SQL client.',
  );
}

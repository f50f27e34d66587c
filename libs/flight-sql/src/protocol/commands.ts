import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { AnySchema, anyPack, type Any } from '@bufbuild/protobuf/wkt';
import { DomainError } from '@pondpilot/kernel';
import { CommandStatementQuerySchema } from '../gen/arrow/flight/protocol/FlightSql_pb.js';

/** A Flight SQL message as it came in its `Any`. */
export interface PackedCommand {
  /** Name of the message without its package, e.g. `CommandGetTables`. */
  readonly name: string;
  readonly value: Uint8Array;
}

const TYPE_PREFIX = 'type.googleapis.com/';
const SQL_PACKAGE = 'arrow.flight.protocol.sql.';
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Unpacks the `cmd` of a descriptor, or a ticket: a Flight SQL message in an `Any`, or SQL as plain text, which means
 * the same as `CommandStatementQuery`. Throws `invalid_argument` for bytes that are neither.
 */
export function unpackCommand(bytes: Uint8Array): PackedCommand {
  const any = asAny(bytes);
  if (any) return { name: shortName(any.typeUrl.slice(TYPE_PREFIX.length)), value: any.value };
  const message = create(CommandStatementQuerySchema, { query: asSql(bytes) });
  return {
    name: shortName(CommandStatementQuerySchema.typeName),
    value: toBinary(CommandStatementQuerySchema, message),
  };
}

/** The name of a Flight SQL message without its package. */
export function shortName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf('.') + 1);
}

/** Whether a message is one of Flight SQL, which travels in an `Any` wherever Flight itself leaves bytes open. */
export function isFlightSql(schema: DescMessage): boolean {
  return schema.typeName.startsWith(SQL_PACKAGE);
}

/** Unpacks bytes that must be the given message in an `Any`. Throws `invalid_argument` otherwise. */
export function unpackAny<D extends DescMessage>(schema: D, body: Uint8Array): MessageShape<D> {
  const any = asAny(body);
  if (any?.typeUrl !== TYPE_PREFIX + schema.typeName)
    throw new DomainError('invalid_argument', `The body of the action must be a ${schema.name} in an Any.`);
  return decode(schema, any.value);
}

/** A message packed into an `Any`, encoded. */
export function packAny<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Uint8Array {
  return toBinary(AnySchema, anyPack(schema, create(schema, init)));
}

/** Throws `invalid_argument` where the bytes are not the message. */
export function decode<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw new DomainError('invalid_argument', `The ${schema.name} message is malformed.`, { cause });
  }
}

export function encode<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Uint8Array {
  return toBinary(schema, create(schema, init));
}

/** How an `Any` begins: the tags of its fields. Text seldom does, and finding out by reading costs an error. */
const ANY_TAGS = new Set<number | undefined>([0x0a, 0x12]);

function asAny(bytes: Uint8Array): Any | undefined {
  if (!ANY_TAGS.has(bytes[0])) return undefined;
  try {
    const any = fromBinary(AnySchema, bytes);
    return any.typeUrl.startsWith(TYPE_PREFIX + SQL_PACKAGE) ? any : undefined;
  } catch {
    return undefined;
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

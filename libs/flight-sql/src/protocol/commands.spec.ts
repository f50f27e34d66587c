import { create, toBinary } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import {
  CommandStatementQuerySchema,
  CommandStatementUpdateSchema,
} from '../gen/arrow/flight/protocol/FlightSql_pb.js';
import { decode, packAny, unpackAny, unpackCommand } from './commands.js';

const text = (sql: string) => Buffer.from(sql, 'utf8');

describe('unpackCommand', () => {
  it('reads a Flight SQL command', () => {
    const command = unpackCommand(packAny(CommandStatementUpdateSchema, { query: 'DELETE FROM t' }));
    expect(command.name).toBe('CommandStatementUpdate');
    expect(decode(CommandStatementUpdateSchema, command.value).query).toBe('DELETE FROM t');
  });

  it.each(['SELECT 1', '\nSELECT 1', '\n\u0010 SELECT', `SELECT 'ünïcödé 🦆'`, 'x'.repeat(100_000)])(
    'takes other text as SQL: %j',
    (sql) => {
      const command = unpackCommand(text(sql));
      expect(command.name).toBe('CommandStatementQuery');
      expect(decode(CommandStatementQuerySchema, command.value).query).toBe(sql);
    },
  );

  it.each([[[0xff, 0xfe, 0x00]], [[]], [[0x20, 0x20]], [[0x53, 0x00]]])('refuses %j', (bytes) =>
    expect(() => unpackCommand(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ kind: 'invalid_argument' }),
    ),
  );

  it('names a Flight SQL command that it does not know', () => {
    const typeUrl = 'type.googleapis.com/arrow.flight.protocol.sql.CommandFromTheFuture';
    const packed = toBinary(AnySchema, create(AnySchema, { typeUrl }));
    expect(unpackCommand(packed).name).toBe('CommandFromTheFuture');
  });
});

describe('decode', () => {
  it('says so where a message is malformed', () =>
    expect(() => decode(CommandStatementQuerySchema, Uint8Array.from([0x0a, 0xff]))).toThrow(
      'CommandStatementQuery message is malformed',
    ));
});

describe('unpackAny', () => {
  it('wants the message that the action is about', () => {
    const body = packAny(CommandStatementUpdateSchema, { query: 'x' });
    expect(() => unpackAny(CommandStatementQuerySchema, body)).toThrow('must be a CommandStatementQuery');
  });
});

import { create, toBinary } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import {
  CommandStatementQuerySchema,
  CommandStatementUpdateSchema,
} from '../gen/arrow/flight/protocol/FlightSql_pb.js';
import { packAny, unpackActionBody, unpackCommand } from './commands.js';

const text = (sql: string) => Buffer.from(sql, 'utf8');

describe('unpackCommand', () => {
  it('reads a Flight SQL command', () => {
    const command = unpackCommand(packAny(CommandStatementUpdateSchema, { query: 'DELETE FROM t' }));
    expect(command).toMatchObject({ name: 'CommandStatementUpdate', message: { query: 'DELETE FROM t' } });
  });

  it.each(['SELECT 1', '\nSELECT 1', '\n\u0010 SELECT', `SELECT 'ünïcödé 🦆'`, 'x'.repeat(100_000)])(
    'takes other text as SQL: %j',
    (sql) =>
      expect(unpackCommand(text(sql))).toMatchObject({
        name: 'CommandStatementQuery',
        message: { query: sql },
      }),
  );

  it.each([[[0xff, 0xfe, 0x00]], [[]], [[0x20, 0x20]], [[0x53, 0x00]]])('refuses %j', (bytes) =>
    expect(() => unpackCommand(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ kind: 'invalid_argument' }),
    ),
  );

  it('names a Flight SQL command that is not served', () => {
    const typeUrl = 'type.googleapis.com/arrow.flight.protocol.sql.CommandFromTheFuture';
    const packed = toBinary(AnySchema, create(AnySchema, { typeUrl }));
    expect(() => unpackCommand(packed)).toThrow(
      expect.objectContaining({
        kind: 'unimplemented',
        message: expect.stringContaining('CommandFromTheFuture'),
      }),
    );
  });

  it('says so where a known command is malformed', () => {
    const typeUrl = 'type.googleapis.com/arrow.flight.protocol.sql.CommandStatementQuery';
    const packed = toBinary(AnySchema, create(AnySchema, { typeUrl, value: Uint8Array.from([0x0a, 0xff]) }));
    expect(() => unpackCommand(packed)).toThrow('CommandStatementQuery message is malformed');
  });
});

describe('unpackActionBody', () => {
  it('wants the message that the action is about', () => {
    const body = packAny(CommandStatementUpdateSchema, { query: 'x' });
    expect(() => unpackActionBody(CommandStatementQuerySchema, body)).toThrow(
      'must be a CommandStatementQuery',
    );
  });
});

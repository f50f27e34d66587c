import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { SESSION_HEADER } from '@pondpilot/engine-api';
import {
  ActionBeginTransactionRequestSchema,
  ActionBeginTransactionResultSchema,
  ActionEndTransactionRequestSchema,
  ActionEndTransactionRequest_EndTransaction as EndTransaction,
  CommandStatementQuerySchema,
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  SchemaResultSchema,
  SetSessionOptionsRequestSchema,
  SetSessionOptionsResultSchema,
  packAny,
} from '@pondpilot/flight-sql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import { EngineUnderTest } from '../engine.harness.js';
import { SqlClient } from '../flight-sql-client.harness.js';

const SESSION = 'own';

let engine: EngineUnderTest;
let client: SqlClient;
let other: SqlClient;
beforeAll(async () => {
  engine = await EngineUnderTest.start();
  client = new SqlClient(engine, { session: SESSION });
  other = new SqlClient(engine, { connection: 'other' });
});
afterAll(() => engine.close());
beforeEach(async () => {
  await client.update('DROP TABLE IF EXISTS temp.t');
  await other.update('CREATE OR REPLACE TABLE t (before INT)');
});

/** Names of the columns that `FROM t` is said to have. */
async function columns(): Promise<string[]> {
  const cmd = packAny(CommandStatementQuerySchema, { query: 'FROM t' });
  const descriptor = create(FlightDescriptorSchema, { type: FlightDescriptor_DescriptorType.CMD, cmd });
  const request = toBinary(FlightDescriptorSchema, descriptor);
  const { messages } = await engine.call('GetSchema', request, { [SESSION_HEADER]: SESSION });
  return tableFromIPC(fromBinary(SchemaResultSchema, messages[0]!).schema).schema.names.map(String);
}

const inTransaction = async (sql: string) => {
  const { transactionId } = await other.sqlAction(
    'BeginTransaction',
    ActionBeginTransactionRequestSchema,
    {},
    ActionBeginTransactionResultSchema,
  );
  await other.update(sql, transactionId);
  expect(await columns()).toEqual(['before']);
  const end = { transactionId, action: EndTransaction.COMMIT };
  await other.sqlAction('EndTransaction', ActionEndTransactionRequestSchema, end);
};

const setSchema = async (value: string) => {
  const sessionOptions = { schema: { optionValue: { case: 'stringValue' as const, value } } };
  await client.action(
    'SetSessionOptions',
    SetSessionOptionsRequestSchema,
    { sessionOptions },
    SetSessionOptionsResultSchema,
  );
};

describe('what is told of a query', () => {
  it.each([
    ['an update', () => other.update('ALTER TABLE t RENAME COLUMN before TO after')],
    ['a statement that is sent as a query', () => other.rows('CREATE OR REPLACE TABLE t (after INT)')],
    ['a temporary table', () => client.update('CREATE TEMP TABLE t (after INT)')],
    ['a transaction’s end', () => inTransaction('ALTER TABLE t RENAME COLUMN before TO after')],
  ])('is anew after %s', async (_, change) => {
    expect(await columns()).toEqual(['before']);
    await change();
    expect(await columns()).toEqual(['after']);
  });

  it('is anew in another schema', async () => {
    await other.update('CREATE SCHEMA IF NOT EXISTS s');
    await other.update('CREATE OR REPLACE TABLE s.t (after INT)');
    expect(await columns()).toEqual(['before']);
    await setSchema('s');
    expect(await columns()).toEqual(['after']);
    await setSchema('main');
    expect(await columns()).toEqual(['before']);
  });
});

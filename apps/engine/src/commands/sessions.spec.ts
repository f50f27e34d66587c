import {
  GetSessionOptionsRequestSchema,
  GetSessionOptionsResultSchema,
  SessionOptionValueSchema,
  SetSessionOptionsRequestSchema,
  SetSessionOptionsResultSchema,
  SetSessionOptionsResult_ErrorValue as ErrorValue,
  type SessionOptionValue,
} from '@pondpilot/flight-sql';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EngineUnderTest } from '../engine.harness.js';
import { SqlClient } from '../flight-sql-client.harness.js';

let engine: EngineUnderTest;
beforeAll(async () => {
  engine = await EngineUnderTest.start();
  const client = new SqlClient(engine);
  await client.update('CREATE SCHEMA "my schema"');
  await client.update('CREATE TABLE "my schema".here AS SELECT 1 AS i');
});
afterAll(() => engine.close());

type Options = Record<string, MessageInitShape<typeof SessionOptionValueSchema>>;
const text = (value: string) => ({ optionValue: { case: 'stringValue' as const, value } });

async function set(client: SqlClient, sessionOptions: Options): Promise<Record<string, ErrorValue>> {
  const request = SetSessionOptionsRequestSchema;
  const result = SetSessionOptionsResultSchema;
  const { errors } = await client.action('SetSessionOptions', request, { sessionOptions }, result);
  return Object.fromEntries(Object.entries(errors).map(([name, { value }]) => [name, value]));
}

async function get(client: SqlClient): Promise<Record<string, SessionOptionValue['optionValue']['value']>> {
  const { sessionOptions } = await client.action(
    'GetSessionOptions',
    GetSessionOptionsRequestSchema,
    {},
    GetSessionOptionsResultSchema,
  );
  return Object.fromEntries(
    Object.entries(sessionOptions).map(([name, { optionValue }]) => [name, optionValue.value]),
  );
}

const CURRENT = `SELECT current_schema() AS s, current_setting('TimeZone') AS z`;

describe('session options', () => {
  it('are catalog, schema and time zone', async () => {
    expect(await get(new SqlClient(engine, { session: 'fresh' }))).toEqual({
      catalog: 'memory',
      schema: 'main',
      timezone: 'UTC',
    });
  });

  it('hold for all statements of the session, those that run at the same time too, and for no other', async () => {
    const client = new SqlClient(engine, { session: 'a' });
    expect(await set(client, { schema: text('my schema'), timezone: text('Asia/Tokyo') })).toEqual({});
    const all = await Promise.all(Array.from({ length: 6 }, () => client.rows(CURRENT)));
    for (const rows of all) expect(rows).toEqual([{ s: 'my schema', z: 'Asia/Tokyo' }]);
    expect(await client.rows('FROM here')).toEqual([{ i: 1 }]);
    expect(await new SqlClient(engine, { session: 'b' }).rows(CURRENT)).toEqual([{ s: 'main', z: 'UTC' }]);
  });

  it('are what USE and SET change too', async () => {
    const client = new SqlClient(engine, { session: 'c' });
    await client.update('USE memory."my schema"');
    await client.update(`SET TimeZone = 'Europe/Paris'`);
    expect(await get(client)).toEqual({ catalog: 'memory', schema: 'my schema', timezone: 'Europe/Paris' });
    const all = await Promise.all(Array.from({ length: 4 }, () => client.rows(CURRENT)));
    for (const rows of all) expect(rows).toEqual([{ s: 'my schema', z: 'Europe/Paris' }]);
  });

  it('return to their defaults where they are unset', async () => {
    const client = new SqlClient(engine, { session: 'd' });
    await set(client, { schema: text('my schema'), TimeZone: text('Asia/Tokyo') });
    expect(await set(client, { schema: {}, time_zone: {} })).toEqual({});
    expect(await client.rows(CURRENT)).toEqual([{ s: 'main', z: 'UTC' }]);
  });

  it('tell which names and values are wrong, and set the others', async () => {
    const client = new SqlClient(engine, { session: 'e' });
    const errors = await set(client, {
      coffee: text('black'),
      catalog: text('nowhere'),
      schema: { optionValue: { case: 'int64Value', value: 5n } },
      timezone: text(`UTC'; DROP TABLE x`),
    });
    expect(errors).toEqual({
      coffee: ErrorValue.INVALID_NAME,
      catalog: ErrorValue.INVALID_VALUE,
      schema: ErrorValue.INVALID_VALUE,
      timezone: ErrorValue.INVALID_VALUE,
    });
    expect(await set(client, { coffee: text('x'), schema: text('my schema') })).toEqual({
      coffee: ErrorValue.INVALID_NAME,
    });
    expect(await client.rows(CURRENT)).toEqual([{ s: 'my schema', z: 'UTC' }]);
  });
});

describe('temporary tables and variables', () => {
  it('are never missed: a statement waits for them, or is refused', async () => {
    const client = new SqlClient(engine, { session: 'variables' });
    await client.update('SET VARIABLE x = 5');
    const all = await Promise.all(
      Array.from({ length: 5 }, () => client.rows(`SELECT getvariable('x') AS x FROM range(100000) LIMIT 1`)),
    );
    for (const rows of all) expect(rows).toEqual([{ x: 5 }]);
  });

  it('are seen by statements that run while another result is being read', async () => {
    const client = new SqlClient(engine, { session: 'busy' });
    await client.update('CREATE TEMP TABLE mine AS SELECT 1 AS i');
    const all = await Promise.all(Array.from({ length: 8 }, () => client.rows('FROM mine')));
    for (const rows of all) expect(rows).toEqual([{ i: 1 }]);
  });
});

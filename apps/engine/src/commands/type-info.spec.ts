import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandGetXdbcTypeInfoSchema, packAny } from '@pondpilot/flight-sql';
import { EngineUnderTest, tableOf, ticketOf } from '../engine.harness.js';

let engine: EngineUnderTest;

beforeAll(async () => {
  engine = await EngineUnderTest.start();
});
afterAll(() => engine.close());

const ask = async (dataType?: number) => {
  const packed = packAny(CommandGetXdbcTypeInfoSchema, dataType === undefined ? {} : { dataType });
  return tableOf(await engine.get(ticketOf(await engine.info(packed))));
};
const types = async (dataType?: number) =>
  (await ask(dataType)).toArray().map((row) => row.toJSON() as Record<string, unknown>);

describe('XDBC type info', () => {
  it('has the schema of the specification', async () => {
    const { fields } = (await ask()).schema;
    expect(
      fields.map(({ name, type, nullable }) => `${name} ${String(type)}${nullable ? '' : ' not null'}`),
    ).toEqual([
      'type_name Utf8 not null',
      'data_type Int32 not null',
      'column_size Int32',
      'literal_prefix Utf8',
      'literal_suffix Utf8',
      'create_params List<Utf8>',
      'nullable Int32 not null',
      'case_sensitive Bool not null',
      'searchable Int32 not null',
      'unsigned_attribute Bool',
      'fixed_prec_scale Bool not null',
      'auto_increment Bool',
      'local_type_name Utf8',
      'minimum_scale Int32',
      'maximum_scale Int32',
      'sql_data_type Int32 not null',
      'datetime_subcode Int32',
      'num_prec_radix Int32',
      'interval_precision Int32',
    ]);
    expect(fields[5]?.type.children[0]?.nullable).toBe(false);
  });

  it('is ordered by code and name, and the first of a code is the closest', async () => {
    const all = await types();
    const order = all.map(({ data_type, type_name }) => [data_type, type_name] as [number, string]);
    expect(order).toEqual(order.toSorted((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1)));
    const first = (code: number) => order.find(([each]) => each === code)?.[1];
    expect([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 91, 92, 93].map(first)).toEqual(
      'CHAR NUMERIC DECIMAL INTEGER SMALLINT FLOAT8 FLOAT DOUBLE INTERVAL VARCHAR DATE TIME TIMESTAMP'.split(
        ' ',
      ),
    );
    expect([-1, -2, -3, -5, -6, -7].map(first)).toEqual('TEXT BINARY BLOB BIGINT TINYINT BOOLEAN'.split(' '));
  });

  it('has every type that DuckDB has', async () => {
    const duckdb = await engine.query(
      `SELECT DISTINCT logical_type AS name FROM duckdb_types() WHERE logical_type <> 'TYPE'`,
    );
    const told = new Set((await types()).map(({ type_name }) => type_name));
    expect(duckdb.toArray().map(({ name }) => name as string)).not.toEqual([]);
    expect(duckdb.toArray().flatMap(({ name }) => (told.has(name) ? [] : [name]))).toEqual([]);
  });

  it('has names and literals that DuckDB takes', async () => {
    const samples: Record<string, string> = {
      DATE: '2020-01-02',
      INTERVAL: '1 day',
      UUID: '00000000-0000-0000-0000-000000000001',
      BIT: '101',
      JSON: '{}',
      ENUM: '',
      GEOMETRY: '',
    };
    const refused: string[] = [];
    for (const { type_name: name, literal_prefix: prefix, literal_suffix: suffix } of await types()) {
      if (typeof name !== 'string' || typeof prefix !== 'string') continue;
      const sample =
        samples[name] ??
        (name.startsWith('TIMESTAMP') ? '2020-01-02 03:04:05' : name.startsWith('TIME') ? '03:04:05' : '1');
      if (sample === '') continue;
      const sql = `SELECT (${prefix}${sample}${String(suffix)})::${name} AS it`;
      await engine.query(sql).catch(() => refused.push(sql));
    }
    expect(refused).toEqual([]);
  });

  it('is filtered by the code', async () => {
    expect((await types(-5)).map(({ type_name }) => type_name)).toEqual(['BIGINT', 'UBIGINT']);
    expect(await types(4711)).toEqual([]);
    const [decimal] = await types(3);
    expect(decimal).toMatchObject({
      type_name: 'DECIMAL',
      column_size: 38,
      minimum_scale: 0,
      maximum_scale: 38,
      num_prec_radix: 10,
    });
    expect([...(decimal!['create_params'] as Iterable<string>)]).toEqual(['precision', 'scale']);
    const [timestamp] = await types(93);
    expect(timestamp).toMatchObject({ sql_data_type: 9, datetime_subcode: 3 });
  });
});

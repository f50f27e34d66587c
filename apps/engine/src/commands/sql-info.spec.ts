import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandGetSqlInfoSchema, packAny } from '@pondpilot/flight-sql';
import type { Field } from 'apache-arrow';
import { EngineUnderTest, tableOf, ticketOf } from '../engine.harness.js';
import {
  CONVERT_TYPES,
  DATETIME_FUNCTIONS,
  NUMERIC_FUNCTIONS,
  STRING_FUNCTIONS,
  SYSTEM_FUNCTIONS,
  sqlInfoFacts,
} from './sql-info-facts.js';

let engine: EngineUnderTest;

beforeAll(async () => {
  engine = await EngineUnderTest.start();
});
afterAll(() => engine.close());

const ask = async (info: number[]) =>
  tableOf(await engine.get(ticketOf(await engine.info(packAny(CommandGetSqlInfoSchema, { info })))));
const ids = (table: Awaited<ReturnType<typeof ask>>) =>
  table.toArray().map((row) => row['info_name'] as number);
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('SqlInfo', () => {
  it('has the schema of the specification', async () => {
    const [name, value] = (await ask([])).schema.fields;
    expect(`${name?.name} ${String(name?.type)} ${name?.nullable}`).toBe('info_name Uint32 false');
    expect([value?.name, value?.nullable]).toEqual(['value', false]);
    expect(value?.type.children.map((child: Field) => `${child.name} ${String(child.type)}`)).toEqual([
      'string_value Utf8',
      'bool_value Bool',
      'bigint_value Int64',
      'int32_bitmask Int32',
      'string_list List<Utf8>',
      'int32_to_int32_list_map Map<{key:Int32, value:List<Int32>}>',
    ]);
  });

  it('answers every id of the specification where none is asked for, else those', async () => {
    expect(ids(await ask([]))).toEqual([...numbers(0, 11), 100, 101, ...numbers(500, 576)]);
    expect(ids(await ask([8, 508, 99_999]))).toEqual([8, 508]);
  });

  it('has the type of value that the specification says', async () => {
    const value = new Map(
      (await ask([])).toArray().map((row) => [row['info_name'] as number, row['value'] as unknown]),
    );
    const text = [0, 1, 2, 504, 513, 514, 529, 530, 531];
    const flags = [
      3, 4, 5, 9, 10, 11, 500, 501, 502, 506, 515, 516, 518, 519, 520, 521, 523, 524, 527, 532, 536, 537, 539,
    ];
    const moreFlags = [556, 563, 565, 566, 572, 573, 574, 575, 576];
    const ints = [
      8,
      100,
      101,
      503,
      505,
      507,
      522,
      525,
      526,
      528,
      533,
      534,
      535,
      538,
      540,
      564,
      ...numbers(567, 571),
    ];
    for (const id of text) expect([id, typeof value.get(id)]).toEqual([id, 'string']);
    for (const id of [...flags, ...moreFlags]) expect([id, typeof value.get(id)]).toEqual([id, 'boolean']);
    for (const id of ints) expect([id, typeof value.get(id)]).toEqual([id, 'number']);
    for (const id of [...numbers(541, 555), ...numbers(557, 562)])
      expect([id, typeof value.get(id)]).toEqual([id, 'bigint']);
    for (const id of numbers(508, 512))
      expect([...(value.get(id) as Iterable<string>)].length).toBeGreaterThan(10);
    for (const id of [6, 7]) expect([id, value.get(id)]).toEqual([id, null]);
    expect([...(value.get(508) as Iterable<string>)]).toEqual(
      expect.arrayContaining(['select', 'qualify', 'pivot']),
    );
    const conversions = [...(value.get(517) as Iterable<[number, Iterable<number>]>)];
    expect(conversions.map(([from]) => from)).toEqual(numbers(0, 19));
    expect([...(conversions[8]?.[1] ?? [])]).toEqual([3, 8, 9, 11, 19]);
  });
});

describe('what SqlInfo says is true', () => {
  it('of functions: DuckDB knows each', async () => {
    const known = await engine.query('SELECT DISTINCT function_name AS name FROM duckdb_functions()');
    const names = new Set(known.toArray().map(({ name }) => name as string));
    const byGrammar = new Set(['coalesce', 'extract', 'ifnull']);
    const unknown = [
      ...NUMERIC_FUNCTIONS,
      ...STRING_FUNCTIONS,
      ...SYSTEM_FUNCTIONS,
      ...DATETIME_FUNCTIONS,
    ].filter((name) => !names.has(name) && !byGrammar.has(name));
    expect(unknown).toEqual([]);
    await engine.query(`SELECT coalesce(1, 2), ifnull(1, 2), extract(year FROM DATE '2020-01-01')`);
  });

  it('of conversions: DuckDB does those, and no other', async () => {
    const samples: Record<string, string> = {
      BLOB: `'1'`,
      DATE: `'2020-01-01'`,
      INTERVAL: `'1 day'`,
      TIME: `'01:00:00'`,
      TIMESTAMP: `'2020-01-01'`,
    };
    const told = sqlInfoFacts('', []).get(517) as ReadonlyMap<number, readonly number[]>;
    for (const [from, type] of CONVERT_TYPES.entries())
      for (const [to, target] of CONVERT_TYPES.entries()) {
        const value = type === 'VARCHAR' ? (samples[target] ?? '1') : (samples[type] ?? '1');
        const works = await engine
          .query(`SELECT (x::${target})::VARCHAR AS x FROM (SELECT ${value}::${type} AS x)`)
          .then(
            () => true,
            () => false,
          );
        expect([type, target, told.get(from)?.includes(to)]).toEqual([type, target, works]);
      }
  });

  it.each([
    [
      'nulls come last in both directions',
      'SELECT (SELECT list(x ORDER BY x)[3] FROM (VALUES (1), (NULL), (2)) v (x)) IS NULL AND (SELECT list(x ORDER BY x DESC)[3] FROM (VALUES (1), (NULL), (2)) v (x)) IS NULL',
    ],
    ['names are case insensitive', 'SELECT "COLUMN" = column_ FROM (SELECT 1 AS "Column", 1 AS column_)'],
    ['dollars stand in names', 'SELECT a$b FROM (SELECT true AS a$b)'],
    ['text and null is null', `SELECT 'a' || NULL IS NULL`],
    ['patterns have escapes', `SELECT 'a_' LIKE 'a!_' ESCAPE '!'`],
    [
      'subqueries of all kinds',
      'SELECT 1 = ANY (SELECT 1) AND EXISTS (SELECT 1) AND 1 IN (SELECT 1) AND 1 = (SELECT 1)',
    ],
  ])('%s', async (_name, sql) => {
    const [row] = (await engine.query(sql)).toArray();
    expect(Object.values(row?.toJSON() ?? {})).toEqual([true]);
  });

  it('there is no SELECT FOR UPDATE', async () => {
    await engine.query('CREATE TABLE locked (i INT)');
    await expect(engine.query('SELECT * FROM locked FOR UPDATE')).rejects.toThrow('locking clause');
  });
});

import {
  ActionClosePreparedStatementRequestSchema,
  ActionCreatePreparedStatementRequestSchema,
  ActionCreatePreparedStatementResultSchema,
  CommandPreparedStatementQuerySchema,
  CommandPreparedStatementUpdateSchema,
  DoPutPreparedStatementResultSchema,
  packAny,
} from '@pondpilot/flight-sql';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grpcStatus } from '@pondpilot/kernel';
import {
  Bool,
  DateDay,
  Decimal,
  DenseUnion,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  Utf8,
  makeData,
  tableFromIPC,
  vectorFromArray,
  type DataType,
} from 'apache-arrow';
import { EngineUnderTest } from '../engine.harness.js';
import { SqlClient, plainRows } from '../flight-sql-client.harness.js';

let engine: EngineUnderTest;
let client: SqlClient;
beforeAll(async () => {
  engine = await EngineUnderTest.start();
  client = new SqlClient(engine);
});
afterAll(() => engine.close());

const prepare = async (query: string) => {
  const request = ActionCreatePreparedStatementRequestSchema;
  const result = ActionCreatePreparedStatementResultSchema;
  return client.sqlAction('CreatePreparedStatement', request, { query }, result);
};

const query = (preparedStatementHandle: Uint8Array) =>
  packAny(CommandPreparedStatementQuerySchema, { preparedStatementHandle });
const update = (preparedStatementHandle: Uint8Array) =>
  packAny(CommandPreparedStatementUpdateSchema, { preparedStatementHandle });

function tableOfColumns(columns: Record<string, readonly [DataType, readonly unknown[]]>): Table {
  const vectors = Object.entries(columns).map(([name, [type, values]]) => [
    name,
    vectorFromArray(values as never[], type),
  ]);
  return new Table(Object.fromEntries(vectors) as Record<string, never>);
}

/** A batch with rows and without columns, as clients send it to say "once". */
function withoutColumns(rows: number): Table {
  const schema = new Schema([]);
  return new Table(schema, [
    new RecordBatch(schema, makeData({ type: new Struct([]), length: rows, children: [] })),
  ]);
}

describe('parameters of a query', () => {
  it.each([
    ['bool', new Bool(), true, 'true'],
    ['int32', new Int32(), -5, '-5'],
    ['int64', new Int64(), -(2n ** 63n), '-9223372036854775808'],
    ['double', new Float64(), 1e300, '1e+300'],
    ['text', new Utf8(), 'ü🦆', 'ü🦆'],
    ['date', new DateDay(), new Date(Date.UTC(1969, 11, 31)), '1969-12-31'],
    ['timestamp', new TimestampMicrosecond(), Date.UTC(2024, 1, 29, 1, 2, 3), '2024-02-29 01:02:03'],
    ['list', new List(new Field('item', new Int32(), true)), [1, null, 3], '[1, NULL, 3]'],
    ['decimal', new Decimal(3, 20, 128), new Uint32Array([12345, 0, 0, 0]), '12.345'],
  ])('of type %s arrive', async (_name, type, value, text) => {
    const { preparedStatementHandle: handle } = await prepare('SELECT v::VARCHAR AS v FROM (SELECT ? AS v)');
    await client.putRaw(query(handle), tableOfColumns({ 0: [type, [value]] }));
    expect(plainRows(await client.table(query(handle)))).toEqual([{ v: text }]);
  });

  it('decide the type of a column that has none before, NULL included', async () => {
    const { preparedStatementHandle: handle } = await prepare('SELECT ? AS v');
    await client.putRaw(query(handle), tableOfColumns({ 0: [new Utf8(), ['x', null, 'y']] }));
    const table = await client.table(query(handle));
    expect(String(table.schema.fields[0]?.type)).toBe('Utf8');
    expect(plainRows(table)).toEqual([{ v: 'x' }, { v: null }, { v: 'y' }]);
  });

  it('are found by name, or by place', async () => {
    const { preparedStatementHandle: handle } = await prepare('SELECT $b AS b, $a AS a');
    await client.putRaw(query(handle), tableOfColumns({ a: [new Int32(), [1]], b: [new Int32(), [2]] }));
    expect(plainRows(await client.table(query(handle)))).toEqual([{ b: 2, a: 1 }]);
    await client.putRaw(query(handle), tableOfColumns({ 0: [new Int32(), [3]], 1: [new Int32(), [4]] }));
    expect(plainRows(await client.table(query(handle)))).toEqual([{ b: 3, a: 4 }]);
  });

  it('stay bound for the executions to come, and are answered with a handle', async () => {
    const { preparedStatementHandle: handle } = await prepare('SELECT 10 + ?::INT AS n');
    const metadata = await client.putRaw(query(handle), tableOfColumns({ 0: [new Int32(), [5]] }));
    const told = fromBinary(DoPutPreparedStatementResultSchema, metadata).preparedStatementHandle!;
    for (const _ of [1, 2]) expect(plainRows(await client.table(query(told)))).toEqual([{ n: 15 }]);
  });

  it('run a statement that changes something once', async () => {
    await client.update('CREATE TABLE given (i INT)');
    const { preparedStatementHandle: handle } = await prepare('INSERT INTO given VALUES (?) RETURNING i');
    await client.putRaw(query(handle), tableOfColumns({ 0: [new Int32(), [7, 8]] }));
    expect(plainRows(await client.table(query(handle)))).toEqual([{ i: 7 }, { i: 8 }]);
    expect(await client.rows('FROM given ORDER BY i')).toEqual([{ i: 7 }, { i: 8 }]);
  });

  it('are unwrapped from unions, in which some clients put values of any type', async () => {
    const fields = [new Field('num', new Int32(), true), new Field('str', new Utf8(), true)];
    const type = new DenseUnion([0, 1], fields);
    const children = [
      vectorFromArray([41], new Int32()).data[0]!,
      vectorFromArray(['a'], new Utf8()).data[0]!,
    ];
    const one = (kind: number) =>
      makeData({ type, length: 1, typeIds: Int8Array.of(kind), valueOffsets: Int32Array.of(0), children });
    const schema = new Schema([new Field('1', type, true), new Field('2', type, true)]);
    const struct = makeData({ type: new Struct(schema.fields), length: 1, children: [one(0), one(1)] });
    const { preparedStatementHandle: handle } = await prepare('SELECT ? + 1 AS n, upper(?) AS s');
    await client.putRaw(query(handle), new Table(schema, [new RecordBatch(schema, struct)]));
    expect(plainRows(await client.table(query(handle)))).toEqual([{ n: 42, s: 'A' }]);
  });

  it.each([
    ['too few', { 0: [new Int32(), [1]] }],
    ['too many', { 0: [new Int32(), [1]], 1: [new Int32(), [1]], 2: [new Int32(), [1]] }],
  ] as const)('are refused where they are %s', async (_name, columns) => {
    const { preparedStatementHandle: handle } = await prepare('SELECT ? + ?');
    await client.putRaw(query(handle), tableOfColumns(columns));
    await expect(client.table(query(handle))).rejects.toMatchObject({
      status: grpcStatus.invalid_argument,
      message: expect.stringContaining('has 2 parameters'),
    });
  });

  it('are told by name and type', async () => {
    const { parameterSchema } = await prepare('SELECT range FROM range(3) WHERE range = $least');
    const { fields } = tableFromIPC(parameterSchema).schema;
    expect(fields.map(({ name, type }) => [name, String(type)])).toEqual([['least', 'Int64']]);
    const untyped = tableFromIPC((await prepare('SELECT ?, ?')).parameterSchema).schema;
    expect(untyped.fields.map(({ type }) => type)).toEqual([new Null(), new Null()]);
  });
});

describe('a prepared update', () => {
  it('runs once for each row, and counts', async () => {
    await client.update('CREATE TABLE many (i INT, s TEXT)');
    const { preparedStatementHandle: handle } = await prepare('INSERT INTO many VALUES (?, ?)');
    const count = await client.put(
      update(handle),
      tableOfColumns({ 0: [new Int32(), [1, 2, 3]], 1: [new Utf8(), ['a', null, 'c']] }),
    );
    expect(count).toBe(3);
    expect(await client.rows('SELECT s FROM many ORDER BY i')).toEqual([{ s: 'a' }, { s: null }, { s: 'c' }]);
  });

  it('runs once where the batch has no columns, or there is none', async () => {
    await client.update('CREATE TABLE single AS SELECT 1 AS i');
    const { preparedStatementHandle: handle } = await prepare('INSERT INTO single SELECT 2');
    expect(await client.put(update(handle), withoutColumns(0))).toBe(1);
    expect(await client.put(update(handle))).toBe(1);
    expect(await client.rows('SELECT count(*)::INT AS n FROM single')).toEqual([{ n: 3 }]);
  });

  it('does not run for no rows', async () => {
    await client.update('CREATE TABLE untouched (i INT)');
    const { preparedStatementHandle: handle } = await prepare('INSERT INTO untouched VALUES (?)');
    expect(await client.put(update(handle), tableOfColumns({ 0: [new Int32(), []] }))).toBe(0);
    expect(await client.rows('FROM untouched')).toEqual([]);
  });

  it('changes nothing where one row fails', async () => {
    await client.update('CREATE TABLE whole (i INT PRIMARY KEY)');
    const { preparedStatementHandle: handle } = await prepare('INSERT INTO whole VALUES (?)');
    await expect(
      client.put(update(handle), tableOfColumns({ 0: [new Int32(), [1, 2, 1]] })),
    ).rejects.toMatchObject({ status: grpcStatus.invalid_argument });
    expect(await client.rows('FROM whole')).toEqual([]);
  });
});

describe('a closed prepared statement', () => {
  it('is NOT_FOUND, and may be closed again', async () => {
    const { preparedStatementHandle } = await prepare('SELECT 1');
    const close = () =>
      client.sqlAction('ClosePreparedStatement', ActionClosePreparedStatementRequestSchema, {
        preparedStatementHandle,
      });
    await close();
    await close();
    await expect(client.table(query(preparedStatementHandle))).rejects.toMatchObject({
      status: grpcStatus.not_found,
    });
  });
});

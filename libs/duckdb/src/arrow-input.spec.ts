import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as arrow from 'apache-arrow';
import { ByteBuffer } from 'flatbuffers';
import { Message } from 'apache-arrow/fb/message';
import type { DatabaseParts } from './database-parts.js';
import { encodeSchemaMessage } from './arrow/schema-message.js';
import type { Field } from './arrow/field.js';
import { Connection } from './connection.js';
import { duckdbLibraryPath } from './library-path.js';
import { LOCK_STATEMENTS, openSettings } from './lockdown.js';
import { loadDuckDb, type Pointer } from './native/api.js';
import { SlotPool } from './slots.js';
import { DuckDbThreads } from './threads.js';
import { Uploads } from './uploads.js';

interface IpcMessage {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

const ARROW_BYTES = 4 * 1024 ** 2;

let directory: string;
let parts: DatabaseParts;
let pointer: Pointer;
let connection: Connection;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'arrow-input-spec-'));
  const duckdbLibrary = duckdbLibraryPath();
  // Threads need compiled code: `tsc -b` comes before the specs.
  const entry = new URL('../dist/worker/thread.js', import.meta.url);
  const onCrash = (error: Error) => {
    throw error;
  };
  const threads = new DuckDbThreads(entry, { duckdbLibrary }, { all: 2, short: 1 }, { onCrash });
  const limits = {
    memoryBytes: 1024 ** 3,
    cpus: 1,
    tempDirectory: join(directory, 'spill'),
    extensionDirectory: undefined,
  };
  const database = await threads.call('openDatabase', { path: ':memory:', settings: openSettings(limits) });
  pointer = await threads.call('connect', { database });
  const slots = new SlotPool();
  parts = { api: loadDuckDb(duckdbLibrary), threads, slots, database, uploads: new Uploads(ARROW_BYTES) };
  connection = new Connection(parts, pointer);
  await connection.run(`ATTACH ':memory:' AS other`);
  for (const statement of LOCK_STATEMENTS) await connection.run(statement);
});

afterAll(async () => {
  await connection.close();
  await parts.threads.terminate();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => connection.run('DROP TABLE IF EXISTS t'));

function messagesOf(stream: Uint8Array): IpcMessage[] {
  const bytes = Buffer.from(stream);
  const found: IpcMessage[] = [];
  for (let at = 0; at + 8 <= bytes.byteLength && bytes.readInt32LE(at + 4) > 0;) {
    const start = at + 8;
    const header = bytes.subarray(start, start + bytes.readInt32LE(at + 4));
    const bodyStart = start + header.byteLength;
    at = bodyStart + Number(Message.getRootAsMessage(new ByteBuffer(header)).bodyLength());
    found.push({ header, body: bytes.subarray(bodyStart, at) });
  }
  return found;
}

function messages(columns: Record<string, arrow.Vector>): IpcMessage[] {
  return messagesOf(arrow.tableToIPC(new arrow.Table(columns), 'stream'));
}

/** Creates `t` from messages and fills it; answers the changed rows. */
async function ingest([schema, ...batches]: readonly IpcMessage[]): Promise<number> {
  const input = await connection.openArrowInput(schema?.header ?? new Uint8Array(0));
  try {
    await input.run(`CREATE OR REPLACE TABLE t AS FROM ${input.view}`);
    const insert = `INSERT INTO t FROM ${input.view}`;
    for (const { header, body } of batches) await input.write(header, body, insert);
    return await input.flush(insert);
  } finally {
    await input.close();
  }
}

async function texts(sql: string): Promise<(string | null)[]> {
  const result = await connection.execute(sql, () => undefined);
  const stream = [encapsulated(result.schema)];
  for (let message = await result.next(); message; message = await result.next()) {
    const { buffer, headerStart, headerBytes, bodyStart, bodyBytes } = message;
    stream.push(encapsulated(buffer.subarray(headerStart, headerStart + headerBytes)));
    stream.push(Buffer.from(buffer.subarray(bodyStart, bodyStart + bodyBytes)));
    message.release();
  }
  await result.close();
  const column = arrow.tableFromIPC(Buffer.concat(stream)).getChildAt(0);
  return column ? [...(column as Iterable<string | null>)] : [];
}

function encapsulated(header: Uint8Array): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32LE(0xffff_ffff, 0);
  prefix.writeInt32LE(header.byteLength, 4);
  return Buffer.concat([prefix, header]);
}

const DAY = new Date('2026-11-24T00:00:00Z');
const INT_LIST = new arrow.List(new arrow.Field('item', new arrow.Int32(), true));
const STRUCT = new arrow.Struct<{ a: arrow.Int32; b: arrow.Utf8 }>([
  new arrow.Field('a', new arrow.Int32(), true),
  new arrow.Field('b', new arrow.Utf8(), true),
]);

/** Values of an Arrow type, and what DuckDB makes of them: its type, and the values as text. */
const TYPES: readonly [arrow.DataType, readonly unknown[], string, readonly (string | null)[]][] = [
  [new arrow.Bool(), [true, null, false], 'BOOLEAN', ['true', null, 'false']],
  [new arrow.Int8(), [-128, null, 127], 'TINYINT', ['-128', null, '127']],
  [new arrow.Int16(), [-32768, null], 'SMALLINT', ['-32768', null]],
  [new arrow.Int32(), [7, null], 'INTEGER', ['7', null]],
  [new arrow.Int64(), [2n ** 62n, null], 'BIGINT', ['4611686018427387904', null]],
  [new arrow.Uint8(), [255, null], 'UTINYINT', ['255', null]],
  [new arrow.Uint16(), [65535, null], 'USMALLINT', ['65535', null]],
  [new arrow.Uint32(), [2 ** 32 - 1, null], 'UINTEGER', ['4294967295', null]],
  [new arrow.Uint64(), [2n ** 64n - 1n, null], 'UBIGINT', ['18446744073709551615', null]],
  [new arrow.Float16(), [1.5, null, -2], 'FLOAT', ['1.5', null, '-2.0']],
  [new arrow.Float32(), [1.5, null], 'FLOAT', ['1.5', null]],
  [new arrow.Float64(), [0.1, null], 'DOUBLE', ['0.1', null]],
  [new arrow.Utf8(), ['é', null, 'x'.repeat(20)], 'VARCHAR', ['é', null, 'x'.repeat(20)]],
  [new arrow.LargeUtf8(), ['é', null, ''], 'VARCHAR', ['é', null, '']],
  [new arrow.Binary(), [Buffer.from([255, 65]), null], 'BLOB', ['\\xFFA', null]],
  [new arrow.FixedSizeBinary(2), [Buffer.from('ab'), null, Buffer.from('cd')], 'BLOB', ['ab', null, 'cd']],
  [new arrow.DateDay(), [DAY, null], 'DATE', ['2026-11-24', null]],
  [new arrow.DateMillisecond(), [DAY, null], 'DATE', ['2026-11-24', null]],
  [new arrow.TimeSecond(), [3661, null], 'TIME', ['01:01:01', null]],
  [new arrow.TimeMicrosecond(), [1_000_001n, null], 'TIME', ['00:00:01.000001', null]],
  [new arrow.TimestampSecond(), [DAY.getTime(), null], 'TIMESTAMP_S', ['2026-11-24 00:00:00', null]],
  [
    new arrow.TimestampMillisecond('UTC'),
    [DAY.getTime(), null],
    'TIMESTAMP WITH TIME ZONE',
    ['2026-11-24 00:00:00+00', null],
  ],
  [new arrow.DurationMillisecond(), [1500n, null], 'INTERVAL', ['00:00:01.5', null]],
  [new arrow.IntervalDayTime(), [Int32Array.of(2, 1500), null], 'INTERVAL', ['2 days 00:00:01.5', null]],
  [INT_LIST, [[1, null, 3], null, []], 'INTEGER[]', ['[1, NULL, 3]', null, '[]']],
  [
    new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Int32(), true)),
    [[1, 2], null, [3, 4]],
    'INTEGER[2]',
    ['[1, 2]', null, '[3, 4]'],
  ],
  [
    STRUCT,
    [{ a: 1, b: 'x' }, null, { a: null, b: null }],
    'STRUCT(a INTEGER, b VARCHAR)',
    [`{'a': 1, 'b': x}`, null, `{'a': NULL, 'b': NULL}`],
  ],
  [
    new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
    ['red', null, 'a long name of a colour', 'red'],
    'VARCHAR',
    ['red', null, 'a long name of a colour', 'red'],
  ],
];

describe('ArrowInput reads', () => {
  it.each(TYPES)('%s', async (type, values, duckdbType, expected) => {
    await ingest(messages({ a: arrow.vectorFromArray(values, type) }));
    expect(await texts('SELECT typeof(a) FROM t LIMIT 1')).toEqual([duckdbType]);
    expect(await texts('SELECT a::VARCHAR FROM t')).toEqual(expected);
  });

  it('dense unions with type ids of their own', async () => {
    const type = new arrow.DenseUnion(
      [5, 7],
      [new arrow.Field('n', new arrow.Int32(), true), new arrow.Field('s', new arrow.Utf8(), true)],
    );
    const data = arrow.makeData({
      type,
      length: 3,
      typeIds: Int8Array.of(7, 5, 7),
      valueOffsets: Int32Array.of(1, 0, 0),
      children: [
        arrow.vectorFromArray([42], new arrow.Int32()).data[0]!,
        arrow.vectorFromArray(['first', 'second string'], new arrow.Utf8()).data[0]!,
      ],
    });
    await ingest(messages({ a: new arrow.Vector([data]) }));
    expect(await texts(`SELECT union_tag(a) || ' ' || a::VARCHAR FROM t`)).toEqual([
      's second string',
      'n 42',
      's first',
    ]);
  });

  it('lists of dictionary-encoded strings, of which the first are empty', async () => {
    const strings = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    const items = arrow.vectorFromArray(['x', null, 'y'], strings).data[0]!;
    const data = arrow.makeData({
      type: new arrow.List(new arrow.Field('item', strings, true)),
      length: 3,
      valueOffsets: Int32Array.of(0, 0, 0, 3),
      child: items,
    });
    await ingest(messages({ a: new arrow.Vector([data]) }));
    expect(await texts('SELECT a::VARCHAR FROM t')).toEqual(['[]', '[]', '[x, NULL, y]']);
  });

  it('dictionaries that are replaced between batches', async () => {
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 7);
    const first = messages({ a: arrow.vectorFromArray(['one', 'two'], type) });
    const second = messages({ a: arrow.vectorFromArray(['three', 'four'], type) });
    const [schema, ...batches] = [...first, ...second.slice(1)];
    await ingest([schema!, ...batches]);
    expect(await texts('SELECT a FROM t')).toEqual(['one', 'two', 'three', 'four']);
  });

  it('a million rows in many batches, and keeps them when the memory is used again', async () => {
    const batch = 65_536;
    const streams = [...Array(16).keys()].map((k) =>
      messages({
        i: arrow.makeVector(Int32Array.from({ length: batch }, (_, i) => k * batch + i)),
        s: arrow.vectorFromArray(
          Array.from({ length: batch }, (_, i) => `row number ${k * batch + i}`),
          new arrow.Utf8(),
        ),
      }),
    );
    const rows = await ingest(streams.flatMap((stream, k) => (k === 0 ? stream : stream.slice(1))));
    expect(rows).toBe(16 * batch);
    expect(await texts(`SELECT count(*)::VARCHAR FROM t WHERE s = 'row number ' || i`)).toEqual([`${rows}`]);
    expect(await texts('SELECT sum(i)::VARCHAR FROM t')).toEqual([`${(rows * (rows - 1)) / 2}`]);
  });

  it('batches without rows', async () => {
    expect(await ingest(messages({ a: arrow.vectorFromArray([], new arrow.Utf8()) }))).toBe(0);
  });
});

describe('ArrowInput and its connection', () => {
  const oneRow = () => messages({ a: arrow.vectorFromArray([1], new arrow.Int32()) });

  it('take part in a transaction that began before and writes to another database', async () => {
    await connection.run('CREATE OR REPLACE TABLE other.t (a INT)');
    await connection.run('BEGIN');
    await connection.run('INSERT INTO other.t VALUES (0)');
    for (let k = 0; k < 2; k++) {
      const [schema, batch] = oneRow();
      const input = await connection.openArrowInput(schema!.header);
      const insert = `INSERT INTO other.t FROM ${input.view}`;
      await input.write(batch!.header, batch!.body, insert);
      await input.flush(insert);
      await input.close();
    }
    expect(await texts('SELECT count(*)::VARCHAR FROM other.t')).toEqual(['3']);
    await connection.run('ROLLBACK');
    expect(await texts('SELECT count(*)::VARCHAR FROM other.t')).toEqual(['0']);
  });

  it('shows the view to nobody who lists databases, and takes it away', async () => {
    const [schema] = oneRow();
    const input = await connection.openArrowInput(schema!.header);
    expect(input.columns).toEqual(['a']);
    for (const list of [
      'duckdb_databases()',
      'duckdb_views()',
      'duckdb_tables()',
      'information_schema.tables',
    ])
      expect(
        await texts(`SELECT l::VARCHAR FROM ${list} l WHERE l::VARCHAR LIKE '%arrow\\_%' ESCAPE '\\'`),
      ).toEqual([]);
    await input.close();
    await input.close();
    await expect(connection.run(`FROM ${input.view}`)).rejects.toThrow('arrow_');
  });

  it('goes on after a statement that failed', async () => {
    const [schema, batch] = oneRow();
    const input = await connection.openArrowInput(schema!.header);
    const write = async (sql: string) => {
      await input.write(batch!.header, batch!.body, sql);
      return input.flush(sql);
    };
    await expect(write('INSERT INTO missing VALUES (1)')).rejects.toMatchObject({ kind: 'invalid_argument' });
    await connection.run('CREATE TABLE t (a INT)');
    expect(await write(`INSERT INTO t FROM ${input.view}`)).toBe(1);
    await input.close();
  });
});

describe('A statement over Arrow messages', () => {
  const integers = (values: readonly number[]) =>
    messages({ a: arrow.vectorFromArray(values, new arrow.Int32()) });
  const opened = async ([schema]: readonly IpcMessage[]) => {
    await connection.run('CREATE OR REPLACE TABLE t (a BIGINT)');
    const input = await connection.openArrowInput(schema!.header);
    const count = `INSERT INTO t SELECT count(*) FROM ${input.view}`;
    const write = ({ header, body }: IpcMessage, sql = count) => input.write(header, body, sql);
    return { input, count, write };
  };

  it('is one for many small batches', async () => {
    const sent = integers([1, 2, 3]);
    const { input, count, write } = await opened(sent);
    for (let k = 0; k < 50; k++) await write(sent[1]!);
    expect(await texts('SELECT a::VARCHAR FROM t')).toEqual([]);
    expect(await input.flush(count)).toBe(1);
    expect(await input.flush(count)).toBe(0);
    expect(await texts('SELECT a::VARCHAR FROM t')).toEqual(['150']);
    await input.close();
  });

  it('runs before there is too much for it', async () => {
    const sent = messages({ a: arrow.makeVector(new Int32Array(ARROW_BYTES / 8)) });
    const { input, count, write } = await opened(sent);
    for (let k = 0; k < 20; k++) await write(sent[1]!);
    expect(await input.flush(count)).toBe(10);
    expect(await texts('SELECT sum(a)::VARCHAR FROM t')).toEqual([`${(20 * ARROW_BYTES) / 8}`]);
    await input.close();
  });

  it('is given less where there are more of them', async () => {
    const sent = messages({ a: arrow.makeVector(new Int32Array(ARROW_BYTES / 8)) });
    const others = await Promise.all(Array.from({ length: 3 }, () => opened(sent)));
    const { input, count, write } = await opened(sent);
    for (let k = 0; k < 5; k++) await write(sent[1]!);
    expect(await input.flush(count)).toBe(5);
    for (const each of [input, ...others.map((other) => other.input)]) await each.close();
    const alone = await opened(sent);
    for (let k = 0; k < 4; k++) await alone.write(sent[1]!);
    expect(await alone.input.flush(alone.count)).toBe(2);
    await alone.input.close();
  });

  it('has nothing of messages around one that can not be read', async () => {
    const sent = integers([1]);
    const { input, count, write } = await opened(sent);
    const malformed = { header: sent[1]!.header, body: new Uint8Array(0) };
    const all = [sent[1]!, malformed, sent[1]!].map((message) => write(message));
    await Promise.allSettled([...all, input.flush(count)]);
    expect(await input.flush(count)).toBe(0);
    expect(await texts('SELECT a::VARCHAR FROM t')).toEqual([]);
    await write(sent[1]!);
    expect(await input.flush(count)).toBe(1);
    await input.close();
  });

  it('is interrupted when its input is closed', async () => {
    const sent = integers([1]);
    const { input, write } = await opened(sent);
    const endless = `INSERT INTO t SELECT sum(a + r) FROM ${input.view}, range(1_000_000_000_000) AS r(r)`;
    await write(sent[1]!, endless);
    const flushed = input.flush(endless);
    await Promise.all([expect(flushed).rejects.toThrow(/interrupt/i), input.close()]);
  });
});

describe('ArrowInput refuses', () => {
  it('a type that DuckDB has not, and names the column', async () => {
    const wide = new arrow.Decimal(2, 60, 256);
    const schema = messages({ price: new arrow.Vector([arrow.makeData({ type: wide, length: 0 })]) })[0]!;
    await expect(connection.openArrowInput(schema.header)).rejects.toMatchObject({
      kind: 'unimplemented',
      message: expect.stringContaining('"price"') as unknown,
    });
  });

  it.each([
    ['no schema at all', new Uint8Array(3)],
    ['noise', Uint8Array.from({ length: 64 }, (_, i) => i * 37)],
    [
      'a schema without columns',
      encodeSchemaMessage({ children: [], metadata: new Map() } as unknown as Field),
    ],
  ])('%s', async (_, bytes) => {
    await expect(connection.openArrowInput(bytes)).rejects.toMatchObject({ kind: 'invalid_argument' });
  });

  const strings = () => messages({ a: arrow.vectorFromArray(['one', 'two', 'three'], new arrow.Utf8()) });
  /** Where DuckDB would follow the body: offsets, text, indices. */
  const hostile: [string, () => IpcMessage[], (body: Uint8Array) => void][] = [
    ['offsets behind the end', strings, (body) => new DataView(body.buffer).setInt32(12, 2 ** 30, true)],
    ['falling offsets', strings, (body) => new DataView(body.buffer).setInt32(4, 7, true)],
    ['text that is not UTF-8', strings, (body) => body.fill(0xff, body.byteLength - 8)],
    [
      'indices that are in no dictionary',
      () =>
        messages({
          a: arrow.vectorFromArray(['x', 'y'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
        }),
      (body) => new DataView(body.buffer).setInt32(0, 1000, true),
    ],
    [
      'times behind the end of a day',
      () => messages({ a: arrow.vectorFromArray([1n], new arrow.TimeMicrosecond()) }),
      (body) => new DataView(body.buffer).setBigInt64(0, 2n ** 60n, true),
    ],
    [
      'lists of items that are not there',
      () => messages({ a: arrow.vectorFromArray([[1, 2]], INT_LIST) }),
      (body) => new DataView(body.buffer).setInt32(4, 1000, true),
    ],
  ];

  it.each(hostile)('%s', async (_, make, spoil) => {
    const sent = make();
    const last = sent.at(-1)!;
    const body = Uint8Array.from(last.body);
    spoil(body);
    await expect(ingest([...sent.slice(0, -1), { ...last, body }])).rejects.toMatchObject({
      kind: 'invalid_argument',
      message: expect.stringContaining('"a"') as unknown,
    });
  });

  it('a body that is shorter than its header says', async () => {
    const sent = strings();
    const last = sent.at(-1)!;
    await expect(ingest([sent[0]!, { ...last, body: last.body.subarray(0, 8) }])).rejects.toMatchObject({
      kind: 'invalid_argument',
    });
  });

  it('whatever flipped bytes make impossible, and lives on', async () => {
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    const sent = messages({
      s: arrow.vectorFromArray(['é', null, 'x'.repeat(30)], new arrow.Utf8()),
      d: arrow.vectorFromArray(['x', null, 'y'], type),
      l: arrow.vectorFromArray([[1, 2], null, []], INT_LIST),
      r: arrow.vectorFromArray([{ a: 1, b: 'x' }, null, { a: 2, b: 'y' }], STRUCT),
    });
    let seed = 42;
    const random = (limit: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return seed % limit;
    };
    const kinds = new Set<unknown>();
    for (let round = 0; round < 300; round++) {
      const spoiled = sent.map(({ header, body }) => ({
        header: Uint8Array.from(header),
        body: Uint8Array.from(body),
      }));
      for (let flip = 0; flip < 3; flip++) {
        const { header, body } = spoiled[random(spoiled.length)]!;
        const bytes = random(3) === 0 && body.byteLength > 0 ? body : header;
        bytes[random(bytes.byteLength)] = random(256);
      }
      const kind = await ingest(spoiled).then(
        () => 'fine',
        (error: { kind: unknown }) => error.kind,
      );
      kinds.add(kind);
    }
    expect([...kinds].filter((kind) => !ALLOWED.has(kind))).toEqual([]);
    expect(kinds).toContain('invalid_argument');
    expect(await ingest(sent)).toBe(3);
  });
});

const ALLOWED = new Set<unknown>(['fine', 'invalid_argument', 'unimplemented', 'resource_exhausted']);

describe('ArrowInput gives memory back', () => {
  it('of large bodies and of dictionaries', async () => {
    const text = 'x'.repeat(1000);
    const sent = messages({
      s: arrow.vectorFromArray(
        Array.from({ length: 8000 }, (_, i) => `${text}${i}`),
        new arrow.Utf8(),
      ),
      d: arrow.vectorFromArray(
        Array.from({ length: 8000 }, (_, i) => `${text}${i}`),
        new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
      ),
    });
    const once = async () => {
      await ingest(sent);
      await connection.run('DROP TABLE t');
    };
    for (let k = 0; k < 5; k++) await once();
    const before = process.memoryUsage.rss();
    for (let k = 0; k < 40; k++) await once();
    // Each round takes 8 MB for the dictionary and 16 MB for the bodies.
    expect(process.memoryUsage.rss() - before).toBeLessThan(120 * 1024 ** 2);
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  Decimal,
  Field,
  FixedSizeList,
  Int32,
  List,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimeMillisecond,
  TimeNanosecond,
  TimestampMicrosecond,
  Utf8,
  makeData,
  tableToIPC,
  type Data,
} from 'apache-arrow';
import { checkData } from './check-data.js';
import { readParameters } from './read-parameters.js';

const malformed = expect.objectContaining({ kind: 'invalid_argument' });

function stream(data: Data): Uint8Array {
  const schema = new Schema([new Field('v', data.type, true)]);
  const struct = makeData({ type: new Struct(schema.fields), length: data.length, children: [data] });
  return tableToIPC(new Table(schema, [new RecordBatch(schema, struct)]), 'stream');
}

describe('readParameters', () => {
  it.each([
    [
      'a time before midnight',
      makeData({ type: new TimeNanosecond(), length: 1, data: BigInt64Array.of(-1n) }),
    ],
    [
      'a time after midnight',
      makeData({ type: new TimeMillisecond(), length: 1, data: Int32Array.of(2 ** 31 - 1) }),
    ],
    [
      'a decimal of too many digits',
      makeData({ type: new Decimal(4, 4, 128), length: 1, data: Uint32Array.of(99_999, 0, 0, 0) }),
    ],
    [
      'the timestamp that is none',
      makeData({ type: new TimestampMicrosecond(), length: 1, data: BigInt64Array.of(-(2n ** 63n)) }),
    ],
    [
      'text that is no UTF-8',
      makeData({
        type: new Utf8(),
        length: 1,
        valueOffsets: Int32Array.of(0, 2),
        data: Uint8Array.of(0xff, 0xfe),
      }),
    ],
  ])('refuses %s', (_name, data) =>
    expect(() => readParameters(stream(data as Data), 10)).toThrow(malformed),
  );

  it('refuses more rows than it may take', () => {
    const data = makeData({ type: new Int32(), length: 11, data: new Int32Array(11) });
    expect(() => readParameters(stream(data), 10)).toThrow(
      expect.objectContaining({ kind: 'resource_exhausted' }),
    );
  });
});

describe('checkData', () => {
  const few = makeData({ type: new Int32(), length: 1, data: new Int32Array(1) });
  it.each([
    ['integers', makeData({ type: new Int32(), length: 400_000_000, data: new Int32Array(30) })],
    ['nulls', makeData({ type: new Null(), length: 400_000_000 })],
    [
      'texts',
      makeData({ type: new Utf8(), length: 5, valueOffsets: Int32Array.of(0, 1), data: Uint8Array.of(65) }),
    ],
    [
      'texts with an offset behind the end',
      makeData({ type: new Utf8(), length: 1, valueOffsets: Int32Array.of(0, 9), data: Uint8Array.of(65) }),
    ],
    [
      'lists',
      makeData({
        type: new List(new Field('item', new Int32())),
        length: 1,
        valueOffsets: Int32Array.of(0, 5),
        child: few,
      }),
    ],
    [
      'fixed lists',
      makeData({ type: new FixedSizeList(2 ** 30, new Field('item', new Int32())), length: 1, child: few }),
    ],
    ['structs', makeData({ type: new Struct([new Field('a', new Int32())]), length: 2, children: [few] })],
  ])('refuses %s that are fewer than they say', (_name, data) =>
    expect(() => checkData(data as Data)).toThrow(malformed),
  );
});

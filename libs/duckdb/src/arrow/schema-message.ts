import * as flatbuffers from 'flatbuffers';
import { Bool } from 'apache-arrow/fb/bool';
import { Binary } from 'apache-arrow/fb/binary';
import { Date as FbDate } from 'apache-arrow/fb/date';
import { DateUnit } from 'apache-arrow/fb/date-unit';
import { Decimal } from 'apache-arrow/fb/decimal';
import { DictionaryEncoding } from 'apache-arrow/fb/dictionary-encoding';
import { Duration } from 'apache-arrow/fb/duration';
import { Endianness } from 'apache-arrow/fb/endianness';
import { Field as FbField } from 'apache-arrow/fb/field';
import { FixedSizeBinary } from 'apache-arrow/fb/fixed-size-binary';
import { FixedSizeList } from 'apache-arrow/fb/fixed-size-list';
import { FloatingPoint } from 'apache-arrow/fb/floating-point';
import { Int } from 'apache-arrow/fb/int';
import { Interval } from 'apache-arrow/fb/interval';
import { IntervalUnit } from 'apache-arrow/fb/interval-unit';
import { KeyValue } from 'apache-arrow/fb/key-value';
import { List } from 'apache-arrow/fb/list';
import { Map as FbMap } from 'apache-arrow/fb/map';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { MetadataVersion } from 'apache-arrow/fb/metadata-version';
import { Null } from 'apache-arrow/fb/null';
import { Precision } from 'apache-arrow/fb/precision';
import { Schema } from 'apache-arrow/fb/schema';
import { Struct_ } from 'apache-arrow/fb/struct-';
import { Time } from 'apache-arrow/fb/time';
import { TimeUnit } from 'apache-arrow/fb/time-unit';
import { Timestamp } from 'apache-arrow/fb/timestamp';
import { Type } from 'apache-arrow/fb/type';
import { Union } from 'apache-arrow/fb/union';
import { UnionMode } from 'apache-arrow/fb/union-mode';
import { Utf8 } from 'apache-arrow/fb/utf8';
import type { Field } from './field.js';

type Builder = flatbuffers.Builder;
type Offset = flatbuffers.Offset;
type TypeOffset = readonly [Type, Offset];

const TIME_UNITS: Readonly<Record<string, TimeUnit>> = {
  s: TimeUnit.SECOND,
  m: TimeUnit.MILLISECOND,
  u: TimeUnit.MICROSECOND,
  n: TimeUnit.NANOSECOND,
};

/** Width in bits and signedness of the integer formats. */
const INTEGERS: Readonly<Record<string, readonly [number, boolean]>> = {
  c: [8, true],
  C: [8, false],
  s: [16, true],
  S: [16, false],
  i: [32, true],
  I: [32, false],
  l: [64, true],
  L: [64, false],
};

const FLOATS: Readonly<Record<string, Precision>> = {
  e: Precision.HALF,
  f: Precision.SINGLE,
  g: Precision.DOUBLE,
};

const INTERVALS: Readonly<Record<string, IntervalUnit>> = {
  tiM: IntervalUnit.YEAR_MONTH,
  tiD: IntervalUnit.DAY_TIME,
  tin: IntervalUnit.MONTH_DAY_NANO,
};

/** The flatbuffer `Message` with the schema of `root`'s children, as data_header and IPC streams carry it. */
export function encodeSchemaMessage(root: Field): Uint8Array {
  const builder = new flatbuffers.Builder(1024);
  const fields = Schema.createFieldsVector(
    builder,
    root.children.map((field) => encodeField(builder, field)),
  );
  const metadata = encodeMetadata(builder, root.metadata, Schema.createCustomMetadataVector);
  Schema.startSchema(builder);
  Schema.addEndianness(builder, Endianness.Little);
  Schema.addFields(builder, fields);
  if (metadata !== undefined) Schema.addCustomMetadata(builder, metadata);
  const schema = Schema.endSchema(builder);
  Message.startMessage(builder);
  Message.addVersion(builder, MetadataVersion.V5);
  Message.addHeaderType(builder, MessageHeader.Schema);
  Message.addHeader(builder, schema);
  Message.addBodyLength(builder, 0n);
  builder.finish(Message.endMessage(builder));
  return builder.asUint8Array();
}

function encodeField(builder: Builder, field: Field): Offset {
  const values = field.dictionary?.values ?? field;
  const name = builder.createString(field.name);
  const children = FbField.createChildrenVector(
    builder,
    values.children.map((child) => encodeField(builder, child)),
  );
  const [typeType, type] = encodeType(builder, values);
  const dictionary = field.dictionary && encodeDictionary(builder, field);
  const metadata = encodeMetadata(builder, field.metadata, FbField.createCustomMetadataVector);
  FbField.startField(builder);
  FbField.addName(builder, name);
  FbField.addNullable(builder, field.nullable);
  FbField.addTypeType(builder, typeType);
  FbField.addType(builder, type);
  FbField.addChildren(builder, children);
  if (dictionary !== undefined) FbField.addDictionary(builder, dictionary);
  if (metadata !== undefined) FbField.addCustomMetadata(builder, metadata);
  return FbField.endField(builder);
}

function encodeDictionary(builder: Builder, field: Field): Offset {
  const indexType = encodeInteger(builder, field.format)[1];
  DictionaryEncoding.startDictionaryEncoding(builder);
  DictionaryEncoding.addId(builder, BigInt(field.dictionary?.id ?? 0));
  DictionaryEncoding.addIndexType(builder, indexType);
  DictionaryEncoding.addIsOrdered(builder, field.dictionary?.ordered ?? false);
  return DictionaryEncoding.endDictionaryEncoding(builder);
}

function encodeMetadata(
  builder: Builder,
  metadata: ReadonlyMap<string, string>,
  createVector: (builder: Builder, offsets: Offset[]) => Offset,
): Offset | undefined {
  if (metadata.size === 0) return undefined;
  const pairs = [...metadata].map(([key, value]) => {
    const [keyOffset, valueOffset] = [builder.createString(key), builder.createString(value)];
    return KeyValue.createKeyValue(builder, keyOffset, valueOffset);
  });
  return createVector(builder, pairs);
}

function encodeInteger(builder: Builder, format: string): TypeOffset {
  const [bits, signed] = INTEGERS[format] ?? [32, true];
  return [Type.Int, Int.createInt(builder, bits, signed)];
}

function encodeType(builder: Builder, field: Field): TypeOffset {
  const { format } = field;
  const precision = FLOATS[format];
  const interval = INTERVALS[format];
  if (INTEGERS[format]) return encodeInteger(builder, format);
  if (precision !== undefined)
    return [Type.FloatingPoint, FloatingPoint.createFloatingPoint(builder, precision)];
  if (interval !== undefined) return [Type.Interval, Interval.createInterval(builder, interval)];
  switch (format) {
    case 'n':
      Null.startNull(builder);
      return [Type.Null, Null.endNull(builder)];
    case 'b':
      return [Type.Bool, Bool.createBool(builder)];
    case 'u':
      return [Type.Utf8, Utf8.createUtf8(builder)];
    case 'z':
      return [Type.Binary, Binary.createBinary(builder)];
    case 'tdD':
      return [Type.Date, FbDate.createDate(builder, DateUnit.DAY)];
    case 'tdm':
      return [Type.Date, FbDate.createDate(builder, DateUnit.MILLISECOND)];
    case '+l':
      return [Type.List, List.createList(builder)];
    case '+m':
      return [Type.Map, FbMap.createMap(builder, field.keysSorted)];
    case '+s':
      Struct_.startStruct_(builder);
      return [Type.Struct_, Struct_.endStruct_(builder)];
    default:
      return encodeParametricType(builder, format);
  }
}

/** Types whose format string carries parameters: `d:precision,scale`, `tsu:zone`, `+w:size`, … */
function encodeParametricType(builder: Builder, format: string): TypeOffset {
  const colon = format.indexOf(':');
  const parameters = format.slice(colon + 1);
  const unit = TIME_UNITS[format[2] ?? ''] ?? TimeUnit.MICROSECOND;
  if (format.startsWith('tt'))
    return [Type.Time, Time.createTime(builder, unit, /[sm]$/.test(format) ? 32 : 64)];
  if (format.startsWith('tD')) return [Type.Duration, Duration.createDuration(builder, unit)];
  if (format.startsWith('ts')) {
    const zone = parameters === '' ? 0 : builder.createString(parameters);
    return [Type.Timestamp, Timestamp.createTimestamp(builder, unit, zone)];
  }
  if (format.startsWith('d:')) {
    const [precision = 38, scale = 0, bits = 128] = parameters.split(',').map(Number);
    return [Type.Decimal, Decimal.createDecimal(builder, precision, scale, bits)];
  }
  if (format.startsWith('w:'))
    return [Type.FixedSizeBinary, FixedSizeBinary.createFixedSizeBinary(builder, Number(parameters))];
  if (format.startsWith('+w:'))
    return [Type.FixedSizeList, FixedSizeList.createFixedSizeList(builder, Number(parameters))];
  const typeIds = Union.createTypeIdsVector(builder, parameters.split(',').map(Number));
  return [Type.Union, Union.createUnion(builder, UnionMode.Sparse, typeIds)];
}

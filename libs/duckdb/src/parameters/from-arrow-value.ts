import { DomainError } from '@pondpilot/kernel';
import {
  DataType,
  DateUnit,
  IntervalUnit,
  Precision,
  TimeUnit,
  type Data,
  type Time,
  type Timestamp,
} from 'apache-arrow';
import type { ParameterValue } from './parameter-type.js';

type Numbers = ArrayLike<number>;
type Wide = BigInt64Array;
type Offsets = Int32Array | BigInt64Array;

const DAY_MS = 86_400_000n;
const DAY_MICROS = DAY_MS * 1000n;
const MOST = 2n ** 63n - 1n;
const MOST_DAYS = 2n ** 31n - 1n;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads one value, with nothing rounded: apache-arrow's own readers turn times into milliseconds. */
export function readValue(data: Data, index: number): ParameterValue {
  if (DataType.isUnion(data.type)) return readUnion(data, index);
  if (DataType.isNull(data.type) || !data.getValid(index)) return null;
  const { type } = data;
  if (DataType.isDictionary(type)) return readDictionary(data, index);
  if (DataType.isBool(type)) return readBit(data, index);
  if (DataType.isInt(type)) return (data.values as Numbers | Wide)[index] ?? null;
  if (DataType.isFloat(type)) return readFloat(data, type.precision, index);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return utf8.decode(slice(data, index));
  if (DataType.isBinary(type) || DataType.isLargeBinary(type)) return Uint8Array.from(slice(data, index));
  if (DataType.isUtf8View(type)) return utf8.decode(readView(data, index));
  if (DataType.isBinaryView(type)) return Uint8Array.from(readView(data, index));
  if (DataType.isFixedSizeBinary(type)) {
    const { byteWidth } = type;
    return (data.values as Uint8Array).slice(index * byteWidth, (index + 1) * byteWidth);
  }
  if (DataType.isDecimal(type))
    return within(
      10n ** BigInt(type.precision) - 1n,
      readDecimal(data.values as Uint32Array, data.stride, index),
    );
  return readTemporal(data, index) ?? readNested(data, index);
}

function readTemporal(data: Data, index: number): ParameterValue | undefined {
  const { type } = data;
  const value = () => BigInt((data.values as Numbers | Wide)[index] ?? 0);
  if (DataType.isDate(type))
    return within(MOST_DAYS, type.unit === DateUnit.DAY ? value() : floorDivide(value(), DAY_MS));
  if (DataType.isTime(type)) return timeOf(type, value());
  if (DataType.isTimestamp(type)) return timestampOf(type, value());
  if (DataType.isDuration(type)) return [0, 0, within(MOST, toMicros(type.unit, value()))];
  if (DataType.isInterval(type)) return readInterval(data.values as Int32Array, type.unit, index);
  return undefined;
}

/** Microseconds of a day; nanoseconds where the type has them. */
function timeOf({ unit }: Time, value: bigint): bigint {
  const time = unit === TimeUnit.NANOSECOND ? value : toMicros(unit, value);
  if (time < 0n) throw outOfRange();
  return within(unit === TimeUnit.NANOSECOND ? DAY_MICROS * 1000n : DAY_MICROS, time);
}

/** In the unit of the type; in microseconds where it has a zone, for which DuckDB knows no other. */
function timestampOf({ unit, timezone }: Timestamp, value: bigint): bigint {
  return within(MOST, timezone ? toMicros(unit, value) : value);
}

/** DuckDB believes what it is given: a value outside of its type is read as memory that is not its own. */
function within(most: bigint, value: bigint): bigint {
  if (value > most || value < -most) throw outOfRange();
  return value;
}

function outOfRange(): DomainError {
  return new DomainError('invalid_argument', 'A parameter has a value outside the range of its type.');
}

function toMicros(unit: TimeUnit, value: bigint): bigint {
  if (unit === TimeUnit.SECOND) return value * 1_000_000n;
  if (unit === TimeUnit.MILLISECOND) return value * 1000n;
  return unit === TimeUnit.MICROSECOND ? value : floorDivide(value, 1000n);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

function readInterval(values: Int32Array, unit: IntervalUnit, index: number): ParameterValue {
  if (unit === IntervalUnit.YEAR_MONTH) return [values[index] ?? 0, 0, 0n];
  if (unit === IntervalUnit.DAY_TIME)
    return [0, values[index * 2] ?? 0, BigInt(values[index * 2 + 1] ?? 0) * 1000n];
  const at = index * 4;
  const nanos = (BigInt(values[at + 3] ?? 0) << 32n) | BigInt((values[at + 2] ?? 0) >>> 0);
  return [values[at] ?? 0, values[at + 1] ?? 0, toMicros(TimeUnit.NANOSECOND, nanos)];
}

function readNested(data: Data, index: number): ParameterValue {
  const { type, children } = data;
  if (DataType.isStruct(type)) return children.map((child) => readValue(child, index));
  const [items] = children;
  if (!items) throw new DomainError('invalid_argument', `A value of type ${type} has no items.`);
  if (DataType.isFixedSizeList(type)) {
    const { listSize } = type;
    return Array.from({ length: listSize }, (_, i) => readValue(items, index * listSize + i));
  }
  const offsets = data.valueOffsets as Offsets;
  const [start, end] = [Number(offsets[index]), Number(offsets[index + 1])];
  if (!(start >= 0 && start <= end && end <= items.length))
    throw new DomainError('invalid_argument', 'The offsets of a list are wrong.');
  return Array.from({ length: end - start }, (_, i) => readValue(items, start + i));
}

/** DuckDB numbers the members as they stand; Arrow's type ids may be others. */
function readUnion(data: Data, index: number): ParameterValue {
  const { type } = data;
  if (!DataType.isUnion(type)) return null;
  const member = type.typeIdToChildIndex[data.typeIds[index] ?? -1];
  const child = member === undefined ? undefined : data.children[member];
  if (!child || member === undefined)
    throw new DomainError('invalid_argument', 'A union value has an unknown type id.');
  const at = DataType.isDenseUnion(type) ? Number((data.valueOffsets as Offsets)[index]) : index;
  return [member, readValue(child, at)];
}

function readDictionary(data: Data, index: number): ParameterValue {
  const at = Number((data.values as Numbers | Wide)[index]);
  let rest = at;
  for (const chunk of data.dictionary?.data ?? []) {
    if (rest >= 0 && rest < chunk.length) return readValue(chunk, rest);
    rest -= chunk.length;
  }
  throw new DomainError('invalid_argument', `A dictionary has no value ${at}.`);
}

function readBit(data: Data, index: number): boolean {
  const bit = data.offset + index;
  return (((data.values as Uint8Array)[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

function readFloat(data: Data, precision: Precision, index: number): number {
  const value = (data.values as Numbers)[index] ?? 0;
  return precision === Precision.HALF ? fromHalf(value) : value;
}

/** IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Two's complement of `stride` little-endian words. */
function readDecimal(values: Uint32Array, stride: number, index: number): bigint {
  let value = 0n;
  for (let word = stride - 1; word >= 0; word--)
    value = (value << 32n) | BigInt(values[index * stride + word] ?? 0);
  return BigInt.asIntN(stride * 32, value);
}

function slice(data: Data, index: number): Uint8Array {
  const offsets = data.valueOffsets as Offsets;
  return (data.values as Uint8Array).subarray(Number(offsets[index]), Number(offsets[index + 1]));
}

const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/** A value of up to 12 bytes stands in its view; a longer one in one of the variadic buffers. */
function readView(data: Data, index: number): Uint8Array {
  const views = data.values as Uint8Array;
  const at = index * VIEW_BYTES;
  const view = new DataView(views.buffer, views.byteOffset + at, VIEW_BYTES);
  const length = view.getInt32(0, true);
  if (length <= INLINE_BYTES) return views.subarray(at + 4, at + 4 + length);
  const buffer = data.variadicBuffers[view.getInt32(8, true)];
  const start = view.getInt32(12, true);
  if (!buffer || start < 0 || start + length > buffer.byteLength)
    throw new DomainError('invalid_argument', 'A view points behind its buffer.');
  return buffer.subarray(start, start + length);
}

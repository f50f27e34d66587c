import { DomainError } from '@pondpilot/kernel';
import {
  DataType,
  Precision,
  TimeUnit,
  type Decimal,
  type Field,
  type FixedSizeBinary,
  type FixedSizeList,
} from 'apache-arrow';
import type { ParameterType, ScalarName } from './parameter-type.js';

const scalar = (name: ScalarName): ParameterType => ({ kind: 'scalar', name });

const INTEGERS: Readonly<Record<number, readonly [ScalarName, ScalarName]>> = {
  8: ['tinyint', 'utinyint'],
  16: ['smallint', 'usmallint'],
  32: ['integer', 'uinteger'],
  64: ['bigint', 'ubigint'],
};

const TIMESTAMPS: Readonly<Record<TimeUnit, ScalarName>> = {
  [TimeUnit.SECOND]: 'timestamp_s',
  [TimeUnit.MILLISECOND]: 'timestamp_ms',
  [TimeUnit.MICROSECOND]: 'timestamp',
  [TimeUnit.NANOSECOND]: 'timestamp_ns',
};

const WIDEST_DECIMAL = 38;

/** The DuckDB type of an Arrow field's values. Throws `unimplemented` where DuckDB has none. */
export function parameterType(field: Field): ParameterType {
  const { type } = field;
  if (DataType.isDictionary(type)) return parameterType(field.clone({ type: type.dictionary as DataType }));
  const name = scalarName(field);
  if (name) return scalar(name);
  if (DataType.isDecimal(type)) return decimal(type, field.name);
  const children: readonly Field[] = type.children ?? [];
  const [only] = children;
  if (only && DataType.isFixedSizeList(type))
    return { kind: 'array', item: parameterType(only), size: (type as FixedSizeList).listSize };
  if (only && (DataType.isList(type) || DataType.isLargeList(type)))
    return { kind: 'list', item: parameterType(only) };
  const [key, value] = only?.type.children ?? [];
  if (DataType.isMap(type) && key && value)
    return { kind: 'map', key: parameterType(key), value: parameterType(value) };
  const parts = { names: children.map((child) => child.name), types: children.map(parameterType) };
  if (DataType.isStruct(type) && children.length > 0) return { kind: 'struct', ...parts };
  if (DataType.isUnion(type)) return { kind: 'union', ...parts };
  throw new DomainError(
    'unimplemented',
    `Parameter "${field.name}" has a type that DuckDB has not: ${type}.`,
  );
}

function scalarName({ type, metadata }: Field): ScalarName | undefined {
  if (DataType.isNull(type)) return 'null';
  if (DataType.isBool(type)) return 'boolean';
  if (DataType.isInt(type)) return INTEGERS[type.bitWidth]?.[type.isSigned ? 0 : 1];
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? 'double' : 'float';
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) return 'varchar';
  if (DataType.isFixedSizeBinary(type)) return isUuid(type, metadata) ? 'uuid' : 'blob';
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type)) return 'blob';
  if (DataType.isDate(type)) return 'date';
  if (DataType.isTime(type)) return type.unit === TimeUnit.NANOSECOND ? 'time_ns' : 'time';
  if (DataType.isTimestamp(type)) return type.timezone ? 'timestamp_tz' : TIMESTAMPS[type.unit];
  if (DataType.isInterval(type) || DataType.isDuration(type)) return 'interval';
  return undefined;
}

function isUuid({ byteWidth }: FixedSizeBinary, metadata: ReadonlyMap<string, string>): boolean {
  return byteWidth === 16 && metadata.get('ARROW:extension:name') === 'arrow.uuid';
}

/** Integers of 39 digits are what results have for a UHUGEINT. */
const UHUGEINT_DIGITS = 39;

function decimal({ precision, scale }: Decimal, name: string): ParameterType {
  if (precision === UHUGEINT_DIGITS && scale === 0) return scalar('uhugeint');
  if (precision <= WIDEST_DECIMAL && scale >= 0) return { kind: 'decimal', width: precision, scale };
  throw new DomainError(
    'unimplemented',
    `Parameter "${name}" is a decimal(${precision}, ${scale}): DuckDB has up to ${WIDEST_DECIMAL} digits.`,
  );
}

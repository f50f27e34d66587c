import type { Field as FbField } from 'apache-arrow/fb/field';
import { DateUnit } from 'apache-arrow/fb/date-unit';
import { Date as FbDate } from 'apache-arrow/fb/date';
import { Decimal } from 'apache-arrow/fb/decimal';
import { Duration } from 'apache-arrow/fb/duration';
import { FixedSizeBinary } from 'apache-arrow/fb/fixed-size-binary';
import { FixedSizeList } from 'apache-arrow/fb/fixed-size-list';
import { FloatingPoint } from 'apache-arrow/fb/floating-point';
import { Int } from 'apache-arrow/fb/int';
import { Interval } from 'apache-arrow/fb/interval';
import { Time } from 'apache-arrow/fb/time';
import { Timestamp } from 'apache-arrow/fb/timestamp';
import { Type } from 'apache-arrow/fb/type';
import { Union } from 'apache-arrow/fb/union';
import { UnionMode } from 'apache-arrow/fb/union-mode';
import { malformedColumn, unreadable } from './failures.js';
import type { InputLayout, ValueCheck } from './input-field.js';

export interface InputType {
  readonly layout: InputLayout;
  readonly format: string;
  /** Metadata that tells DuckDB which of its own types it is. */
  readonly extension?: ReadonlyMap<string, string>;
}

const SECONDS_PER_DAY = 86_400;
const DAY_LIMIT = 2 ** 31 - 2;
const MILLIS_PER_DAY = 86_400_000;
/** The largest that DuckDB has. */
const MAX_PRECISION = 38;
/** Integers of so many digits are what results have for DuckDB's UHUGEINT. */
const UHUGEINT_PRECISION = 39;
const UHUGEINT: InputType = {
  layout: { kind: 'fixed', width: 32, convert: 'decimal256', check: { kind: 'uhugeint' } },
  format: 'w:16',
  extension: new Map([
    ['ARROW:extension:name', 'arrow.opaque'],
    ['ARROW:extension:metadata', '{"type_name":"uhugeint","vendor_name":"DuckDB"}'],
  ]),
};
const MAX_ARRAY_SIZE = 100_000;
/** DuckDB counts the members of a union in a byte. */
const MAX_MEMBERS = 256;

const UNITS = ['s', 'm', 'u', 'n'] as const;
const INT_FORMATS: Readonly<Record<number, string>> = { 8: 'cC', 16: 'sS', 32: 'iI', 64: 'lL' };

const LISTS: Readonly<Partial<Record<Type, InputType>>> = {
  [Type.List]: { layout: { kind: 'list', offsetBytes: 4 }, format: '+l' },
  [Type.Map]: { layout: { kind: 'list', offsetBytes: 4 }, format: '+m' },
  [Type.LargeList]: { layout: { kind: 'list', offsetBytes: 8 }, format: '+L' },
  [Type.ListView]: { layout: { kind: 'listView', offsetBytes: 4 }, format: '+l' },
  [Type.LargeListView]: { layout: { kind: 'listView', offsetBytes: 8 }, format: '+L' },
};

const PLAIN: Readonly<Partial<Record<Type, InputType>>> = {
  ...LISTS,
  [Type.Null]: { layout: { kind: 'null' }, format: 'n' },
  [Type.Bool]: { layout: { kind: 'bits' }, format: 'b' },
  [Type.Utf8]: { layout: { kind: 'binary', offsetBytes: 4, text: true }, format: 'u' },
  [Type.LargeUtf8]: { layout: { kind: 'binary', offsetBytes: 8, text: true }, format: 'U' },
  [Type.Utf8View]: { layout: { kind: 'view', text: true }, format: 'vu' },
  [Type.Binary]: { layout: { kind: 'binary', offsetBytes: 4, text: false }, format: 'z' },
  [Type.LargeBinary]: { layout: { kind: 'binary', offsetBytes: 8, text: false }, format: 'Z' },
  [Type.BinaryView]: { layout: { kind: 'view', text: false }, format: 'vz' },
  [Type.Struct_]: { layout: { kind: 'struct' }, format: '+s' },
  // The format is that of the values, which the schema's reader puts in.
  [Type.RunEndEncoded]: { layout: { kind: 'runEnds' }, format: '' },
};

/** The type of a field's values. Throws `invalid_argument` and `unimplemented` that name the column. */
export function inputType(field: FbField, column: string): InputType {
  const plain = PLAIN[field.typeType()];
  if (plain) return plain;
  const read = PARAMETRIC[field.typeType()];
  if (!read) throw unreadable(column, `number ${field.typeType()}`, 'Cast it to another one.');
  return read(field, column);
}

/** The table of a type's parameters. */
function parameters<T>(field: FbField, column: string, table: T): T {
  const found = field.type(table as never) as T | null;
  if (!found) throw malformedColumn(column, 'has a type without its parameters');
  return found;
}

function fixed(width: number, format: string, check?: ValueCheck): InputType {
  return { layout: { kind: 'fixed', width, ...(check ? { check } : {}) }, format };
}

type ReadType = (field: FbField, column: string) => InputType;

const PARAMETRIC: Readonly<Partial<Record<Type, ReadType>>> = {
  [Type.Int](field, column) {
    const type = parameters(field, column, new Int());
    const formats = INT_FORMATS[type.bitWidth()];
    if (!formats) throw malformedColumn(column, `has integers of ${type.bitWidth()} bits`);
    return fixed(type.bitWidth() / 8, formats.charAt(type.isSigned() ? 0 : 1));
  },
  [Type.FloatingPoint](field, column) {
    const precision = parameters(field, column, new FloatingPoint()).precision();
    if (precision === 0) return { layout: { kind: 'fixed', width: 2, convert: 'half' }, format: 'f' };
    if (precision !== 1 && precision !== 2) throw malformedColumn(column, 'has an unknown precision');
    return precision === 1 ? fixed(4, 'f') : fixed(8, 'g');
  },
  [Type.Decimal]: (field, column) => decimal(parameters(field, column, new Decimal()), column),
  [Type.Date](field, column) {
    if (parameters(field, column, new FbDate()).unit() === DateUnit.DAY) return fixed(4, 'tdD');
    const max = DAY_LIMIT * MILLIS_PER_DAY;
    return fixed(8, 'tdm', { kind: 'range', bytes: 8, min: -max, max });
  },
  [Type.Time](field, column) {
    const type = parameters(field, column, new Time());
    const unit = unitOf(type.unit(), column);
    const bytes = unit === 's' || unit === 'm' ? 4 : 8;
    if (type.bitWidth() !== bytes * 8) throw malformedColumn(column, 'has times of a wrong width');
    // DuckDB would look a later hour up behind the end of a table.
    const max = SECONDS_PER_DAY * 1000 ** UNITS.indexOf(unit);
    return fixed(bytes, `tt${unit}`, { kind: 'range', bytes, min: 0, max });
  },
  [Type.Timestamp](field, column) {
    const type = parameters(field, column, new Timestamp());
    return fixed(8, `ts${unitOf(type.unit(), column)}:${type.timezone() ?? ''}`);
  },
  [Type.Duration]: (field, column) =>
    fixed(8, `tD${unitOf(parameters(field, column, new Duration()).unit(), column)}`),
  [Type.Interval](field, column) {
    const unit = parameters(field, column, new Interval()).unit();
    if (unit === 0) return fixed(4, 'tiM');
    // DuckDB takes days and milliseconds for one 64-bit number.
    if (unit === 1) return { layout: { kind: 'fixed', width: 8, convert: 'dayTime' }, format: 'tin' };
    if (unit !== 2) throw malformedColumn(column, 'has an unknown unit');
    return fixed(16, 'tin');
  },
  [Type.FixedSizeBinary](field, column) {
    const width = parameters(field, column, new FixedSizeBinary()).byteWidth();
    if (width < 1) throw unreadable(column, `fixed_size_binary[${width}]`, 'Send it as binary.');
    return fixed(width, `w:${width}`);
  },
  [Type.FixedSizeList](field, column) {
    const size = parameters(field, column, new FixedSizeList()).listSize();
    if (size < 1 || size > MAX_ARRAY_SIZE)
      throw unreadable(column, `fixed_size_list[${size}]`, 'Send it as a list.');
    return { layout: { kind: 'fixedList', size }, format: `+w:${size}` };
  },
  [Type.Union]: (field, column) => union(field, parameters(field, column, new Union()), column),
};

function unitOf(unit: number, column: string): (typeof UNITS)[number] {
  const name = UNITS[unit];
  if (!name) throw malformedColumn(column, 'has an unknown unit');
  return name;
}

function decimal(type: Decimal, column: string): InputType {
  const [precision, scale, bits] = [type.precision(), type.scale(), type.bitWidth()];
  const words = bits / 32;
  if (![1, 2, 4, 8].includes(words) || precision < 1)
    throw malformedColumn(column, `has decimals of ${bits} bits with ${precision} digits`);
  if (words === 8 && precision === UHUGEINT_PRECISION && scale === 0) return UHUGEINT;
  if (
    precision > MAX_PRECISION ||
    scale < 0 ||
    scale > precision ||
    precision > [0, 9, 18, 0, 38, 0, 0, 0, 76][words]!
  )
    throw unreadable(
      column,
      `decimal${bits}(${precision}, ${scale})`,
      `At most ${MAX_PRECISION} digits and a scale from 0 to the precision can be stored; cast it, or to double.`,
    );
  const check = { kind: 'decimal', precision, words } as const;
  if (words === 8)
    return {
      layout: { kind: 'fixed', width: 32, convert: 'decimal256', check },
      format: `d:${precision},${scale}`,
    };
  return fixed(words * 4, `d:${precision},${scale}${bits === 128 ? '' : `,${bits}`}`, check);
}

function union(field: FbField, type: Union, column: string): InputType {
  const count = field.childrenLength();
  const listed = type.typeIdsLength();
  if (count > MAX_MEMBERS) throw unreadable(column, 'union', `At most ${MAX_MEMBERS} members can be stored.`);
  if (listed !== 0 && listed !== count) throw malformedColumn(column, 'has not one type id for each member');
  const typeIds = Array.from({ length: count }, (_, i) => (listed === 0 ? i : (type.typeIds(i) ?? -1)));
  if (new Set(typeIds).size !== count || typeIds.some((id) => id < 0 || id > 127))
    throw malformedColumn(column, 'has wrong type ids');
  return {
    layout: { kind: 'union', dense: type.mode() === UnionMode.Dense, typeIds },
    format: `+us:${typeIds.map((_, i) => i).join()}`,
  };
}

/** Codes of the Flight SQL specification's XdbcDataType, which are those of ODBC and JDBC. */
const CODE = {
  UNKNOWN: 0,
  CHAR: 1,
  NUMERIC: 2,
  DECIMAL: 3,
  INTEGER: 4,
  SMALLINT: 5,
  FLOAT: 6,
  REAL: 7,
  DOUBLE: 8,
  DATETIME: 9,
  INTERVAL: 10,
  VARCHAR: 12,
  DATE: 91,
  TIME: 92,
  TIMESTAMP: 93,
  LONGVARCHAR: -1,
  BINARY: -2,
  VARBINARY: -3,
  BIGINT: -5,
  TINYINT: -6,
  BIT: -7,
} as const;

/** Codes of XdbcDatetimeSubcode. */
const SUBCODE = { DATE: 1, TIME: 2, TIMESTAMP: 3, TIME_TZ: 4, TIMESTAMP_TZ: 5 } as const;

/** A type of DuckDB as XDBC describes types. */
export interface XdbcType {
  /** As SQL has it. */
  readonly name: string;
  readonly code: number;
  /** Digits of a number, characters of a date or time as text, the fixed length of others; absent where there is no limit. */
  readonly size?: number;
  /** What stands around a literal; absent where nothing does. */
  readonly quotes?: readonly [prefix: string, suffix: string];
  /** What the type takes in parentheses. */
  readonly parameters?: readonly string[];
  readonly caseSensitive?: boolean;
  /** Of numbers only. */
  readonly unsigned?: boolean;
  readonly scales?: readonly [least: number, most: number];
  /** Base in which `size` counts, of numbers only. */
  readonly radix?: 10;
  /** Where it is not `code`: dates and times are kinds of one type. */
  readonly sqlCode?: number;
  readonly subcode?: number;
}

const integer = (name: string, code: number, size: number, unsigned: boolean): XdbcType => ({
  name,
  code,
  size,
  unsigned,
  scales: [0, 0],
  radix: 10,
});
const decimal = (name: string, code: number): XdbcType => ({
  name,
  code,
  size: 38,
  parameters: ['precision', 'scale'],
  unsigned: false,
  scales: [0, 38],
  radix: 10,
});
const floating = (name: string, code: number, size: number): XdbcType => ({
  name,
  code,
  size,
  unsigned: false,
  radix: 10,
});
const quotes = ["'", "'"] as const;
const text = (name: string, code: number, size?: number): XdbcType => ({
  name,
  code,
  quotes,
  caseSensitive: true,
  ...(size === undefined ? {} : { size }),
});
const binary = (name: string, code: number): XdbcType => ({ name, code, quotes: ["'", "'::BLOB"] });
/** Times with digits of a second; the size is that of the text. */
const moment = (
  prefix: string,
  name: string,
  code: number,
  subcode: number,
  size: number,
  digits: number,
): XdbcType => ({
  name,
  code,
  size,
  quotes: [`${prefix} '`, "'"],
  scales: [digits, digits],
  sqlCode: CODE.DATETIME,
  subcode,
});
const nested = (name: string): XdbcType => ({ name, code: CODE.UNKNOWN });

const TYPES: readonly XdbcType[] = [
  integer('TINYINT', CODE.TINYINT, 3, false),
  integer('SMALLINT', CODE.SMALLINT, 5, false),
  integer('INTEGER', CODE.INTEGER, 10, false),
  integer('BIGINT', CODE.BIGINT, 19, false),
  integer('HUGEINT', CODE.DECIMAL, 39, false),
  integer('UTINYINT', CODE.TINYINT, 3, true),
  integer('USMALLINT', CODE.SMALLINT, 5, true),
  integer('UINTEGER', CODE.INTEGER, 10, true),
  integer('UBIGINT', CODE.BIGINT, 20, true),
  integer('UHUGEINT', CODE.DECIMAL, 39, true),
  decimal('DECIMAL', CODE.DECIMAL),
  decimal('NUMERIC', CODE.NUMERIC),
  floating('FLOAT', CODE.REAL, 7),
  floating('FLOAT8', CODE.FLOAT, 15),
  floating('DOUBLE', CODE.DOUBLE, 15),
  { name: 'BOOLEAN', code: CODE.BIT, size: 1 },
  text('VARCHAR', CODE.VARCHAR),
  text('CHAR', CODE.CHAR),
  text('TEXT', CODE.LONGVARCHAR),
  text('ENUM', CODE.CHAR),
  text('JSON', CODE.CHAR),
  text('UUID', CODE.CHAR, 36),
  binary('BLOB', CODE.VARBINARY),
  binary('BINARY', CODE.BINARY),
  {
    name: 'DATE',
    code: CODE.DATE,
    size: 10,
    quotes: ["DATE '", "'"],
    sqlCode: CODE.DATETIME,
    subcode: SUBCODE.DATE,
  },
  moment('TIME', 'TIME', CODE.TIME, SUBCODE.TIME, 15, 6),
  moment('TIMETZ', 'TIME WITH TIME ZONE', CODE.TIME, SUBCODE.TIME_TZ, 21, 6),
  moment('TIME_NS', 'TIME_NS', CODE.TIME, SUBCODE.TIME, 18, 9),
  moment('TIMESTAMP', 'TIMESTAMP', CODE.TIMESTAMP, SUBCODE.TIMESTAMP, 26, 6),
  moment('TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE', CODE.TIMESTAMP, SUBCODE.TIMESTAMP_TZ, 32, 6),
  moment('TIMESTAMP_S', 'TIMESTAMP_S', CODE.TIMESTAMP, SUBCODE.TIMESTAMP, 19, 0),
  moment('TIMESTAMP_MS', 'TIMESTAMP_MS', CODE.TIMESTAMP, SUBCODE.TIMESTAMP, 23, 3),
  moment('TIMESTAMP_NS', 'TIMESTAMP_NS', CODE.TIMESTAMP, SUBCODE.TIMESTAMP, 29, 9),
  { name: 'INTERVAL', code: CODE.INTERVAL, quotes: ["INTERVAL '", "'"] },
  { name: 'BIT', code: CODE.UNKNOWN, quotes: ["'", "'::BIT"] },
  { name: 'BIGNUM', code: CODE.UNKNOWN, quotes: ["'", "'::BIGNUM"] },
  { name: 'GEOMETRY', code: CODE.UNKNOWN, quotes: ["'", "'::GEOMETRY"] },
  ...['ARRAY', 'LIST', 'MAP', 'NULL', 'STRUCT', 'UNION', 'VARIANT'].map(nested),
];

/**
 * Types of DuckDB, ordered by code and then by name, as the specification wants it. The first of each code is also the
 * closest to it, which is what ODBC wants; other names that DuckDB knows fill the codes that it has no own type for.
 */
export const XDBC_TYPES: readonly XdbcType[] = TYPES.toSorted(
  (a, b) => a.code - b.code || (a.name < b.name ? -1 : 1),
);

const BY_NAME = new Map(XDBC_TYPES.map((type) => [type.name, type]));

/** The type of a name as DuckDB writes it: `DECIMAL(9,2)`, `ENUM('a', 'b')`, `INTEGER[]`. Undefined for what users named. */
export function xdbcTypeOf(name: string): XdbcType | undefined {
  if (name.endsWith('[]')) return BY_NAME.get('LIST');
  if (name.endsWith(']')) return BY_NAME.get('ARRAY');
  return BY_NAME.get(name.replace(/\(.*$/s, ''));
}

/** A value of the union that GetSqlInfo answers with; null where the specification has it so. */
export type SqlInfoValue =
  string | boolean | bigint | number | readonly string[] | ReadonlyMap<number, readonly number[]> | null;

/** Functions that may be called by these names with parentheses behind them. */
export const NUMERIC_FUNCTIONS =
  'abs acos acosh asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees even exp factorial fdiv floor fmod gamma gcd greatest isfinite isinf isnan lcm least lgamma ln log log10 log2 mod nextafter pi pow power radians random round sign signbit sin sinh sqrt tan tanh trunc xor'.split(
    ' ',
  );
export const STRING_FUNCTIONS =
  'ascii bit_length char_length character_length chr concat concat_ws contains ends_with format from_base64 hash instr lcase left length levenshtein lower lpad ltrim md5 nfc_normalize octet_length ord position printf regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array repeat replace reverse right rpad rtrim sha1 sha256 split split_part starts_with string_split strip_accents strlen strpos substr substring to_base64 translate trim ucase unicode upper url_decode url_encode'.split(
    ' ',
  );
export const SYSTEM_FUNCTIONS =
  'coalesce current_catalog current_database current_schema current_schemas current_setting current_user error gen_random_uuid ifnull nullif session_user typeof user uuid version'.split(
    ' ',
  );
export const DATETIME_FUNCTIONS =
  'age century current_date date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear decade epoch epoch_ms era extract get_current_timestamp hour isodow isoyear julian last_day make_date make_time make_timestamp microsecond millennium millisecond minute month monthname now quarter second strftime strptime time_bucket timezone to_timestamp today try_strptime week weekday weekofyear year yearweek'.split(
    ' ',
  );

/** Codes of SqlSupportsConvert, and the types of DuckDB that they stand for. */
export const CONVERT_TYPES: readonly string[] = [
  'BIGINT',
  'BLOB',
  'BOOLEAN',
  'VARCHAR',
  'DATE',
  'DECIMAL(18,3)',
  'DOUBLE',
  'INTEGER',
  'INTERVAL',
  'INTERVAL',
  'BLOB',
  'VARCHAR',
  'DECIMAL(18,3)',
  'FLOAT',
  'SMALLINT',
  'TIME',
  'TIMESTAMP',
  'TINYINT',
  'BLOB',
  'VARCHAR',
];
const NUMBERS = ['BIGINT', 'BOOLEAN', 'DECIMAL(18,3)', 'DOUBLE', 'FLOAT', 'INTEGER', 'SMALLINT', 'TINYINT'];
/** What each type can be cast to. */
const CASTS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(NUMBERS.map((type) => [type, [...NUMBERS, 'VARCHAR']])),
  BLOB: ['BLOB', 'VARCHAR'],
  DATE: ['DATE', 'TIMESTAMP', 'VARCHAR'],
  INTERVAL: ['INTERVAL', 'VARCHAR'],
  TIME: ['TIME', 'VARCHAR'],
  TIMESTAMP: ['DATE', 'TIME', 'TIMESTAMP', 'VARCHAR'],
  VARCHAR: CONVERT_TYPES,
};

function conversions(): ReadonlyMap<number, readonly number[]> {
  const codesOf = (types: readonly string[]) =>
    CONVERT_TYPES.flatMap((type, code) => (types.includes(type) ? [code] : []));
  return new Map(CONVERT_TYPES.map((type, code) => [code, codesOf(CASTS[type] ?? [])]));
}

const bit = (...ordinals: number[]) => ordinals.reduce((mask, ordinal) => mask | (1 << ordinal), 0);
/** DuckDB has no limit, or none that it tells. */
const NO_LIMIT = 0n;

/** Every id of the Flight SQL specification (SqlInfo), in order, and what is true of this server. */
export function sqlInfoFacts(
  duckdbVersion: string,
  keywords: readonly string[],
): ReadonlyMap<number, SqlInfoValue> {
  return new Map<number, SqlInfoValue>([
    [0, 'PondPilot Proxy'],
    [1, duckdbVersion],
    [2, '1.5'], // version of the Arrow columnar format
    [3, false], // read only
    [4, true], // SQL
    [5, false], // Substrait
    [6, null], // its least version
    [7, null], // its greatest version
    [8, 1], // transactions by action, without savepoints
    [9, true], // cancelling
    [10, true], // bulk ingestion
    [11, true], // bulk ingestion in transactions
    [100, 0], // prepared statements have no time-out of their own
    [101, 0], // nor have transactions
    [500, false], // DDL on catalogs: databases are attached by the configuration
    [501, true], // DDL on schemas
    [502, true], // DDL on tables
    [503, 1], // identifiers: case insensitive
    [504, '"'],
    [505, 1], // quoted identifiers: case insensitive as well
    [506, true], // all tables are selectable
    [507, 3], // nulls sort at the end, whatever the direction
    [508, keywords],
    [509, NUMERIC_FUNCTIONS],
    [510, STRING_FUNCTIONS],
    [511, SYSTEM_FUNCTIONS],
    [512, DATETIME_FUNCTIONS],
    [513, '\\'], // escapes wildcards in patterns
    [514, '$'], // extra characters of names
    [515, true], // column aliases
    [516, true], // NULL || 'a' is NULL
    [517, conversions()],
    [518, true], // table aliases
    [519, false], // which may be like names of tables
    [520, true], // expressions in ORDER BY
    [521, true], // ORDER BY columns that are not selected
    [522, bit(0, 1)], // GROUP BY columns that are not selected, and beyond them
    [523, true], // LIKE … ESCAPE
    [524, true], // NOT NULL
    [525, bit(0, 1)], // ODBC grammar: minimum and core
    [526, bit(0)], // SQL-92: entry level
    [527, true], // integrity enhancement: defaults, checks and keys
    [528, 2], // full outer joins
    [529, 'schema'],
    [530, 'procedure'],
    [531, 'database'],
    [532, true], // the catalog stands before the schema
    [533, bit(1)], // schemas in index definitions
    [534, bit(1)], // catalogs in index definitions
    [535, bit()], // positioned commands
    [536, false], // SELECT FOR UPDATE
    [537, false], // stored procedures
    [538, bit(0, 1, 2, 3)], // subqueries in comparisons, EXISTS, IN, ANY and ALL
    [539, true], // correlated subqueries
    [540, bit(0, 1)], // UNION, UNION ALL
    ...limits(541, 555),
    [556, false], // the largest row says nothing of large objects
    ...limits(557, 561),
    // Isolation: repeatable read, by snapshots. The specification has an int32 here; Arrow's own Java server and the JDBC
    // driver, who alone ask for it, have a bigint.
    [562, 3n],
    [563, true], // transactions
    [564, bit(3)], // with this isolation only
    [565, false], // DDL does not commit
    [566, false], // DDL takes part in transactions
    [567, bit(1)], // results: forward only
    [568, bit()],
    [569, bit(1)], // which are read only
    [570, bit()],
    [571, bit()],
    [572, true], // batch updates
    [573, false], // savepoints
    [574, false], // named parameters of callable statements
    [575, false], // locators
    [576, false], // functions by the call syntax
  ]);
}

/** Greatest lengths and counts: of literals, names, columns, connections, indexes, rows, statements, tables. */
function limits(from: number, to: number): [number, bigint][] {
  return Array.from({ length: to - from + 1 }, (_, index) => [from + index, NO_LIMIT]);
}

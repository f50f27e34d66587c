"""Compares results of ours with those of Python's DuckDB, type by type; for test/e2e/types.e2e.ts and .long.ts.

A type is compared over tables of any length in which its values take turns, alone and within other types. What is
expected is what DuckDB's own Arrow export gives, but for the differences that docs/types.md tells: `expect` is the SQL
that gives the documented form.
"""

import decimal
import random
from dataclasses import dataclass

import adbc_driver_flightsql.dbapi as flight_sql
import duckdb
import pyarrow as pa
import pyarrow.flight as flight
from tls import adbc_options

WIDEST = 10**38 - 1
ENUM = "ENUM('', 'a', 'it''s', 'ü')"


@dataclass
class Type:
    sql: str
    values: list
    """Literals in SQL; a NULL is always among them."""
    expect: str = None
    """SQL type of the documented form, where that is not what DuckDB's export gives."""
    wide: bool = False
    """Numbers of 39 digits, which DuckDB's export has wrong."""
    bind: str = "?"
    """How a parameter becomes a value."""
    ingest: bool = True
    """Whether what a result has can be ingested into a column of the type."""

    def column(self, rows):
        """A table of `rows` rows: i, and the values in turn as c."""
        literals = [*self.values, "NULL"]
        values = " UNION ALL ".join(f"SELECT {at} AS k, CAST({each} AS {self.sql}) AS c" for at, each in enumerate(literals))
        return f"SELECT i, c FROM range({rows}) AS r (i) JOIN ({values}) ON i % {len(literals)} = k"


def texts(*values):
    return [f"'{value}'" for value in values]


TYPES = {
    each.sql: each
    for each in [
        Type("BOOLEAN", ["true", "false"]),
        Type("TINYINT", ["-128", "127", "0"]),
        Type("SMALLINT", ["-32768", "32767"]),
        Type("INTEGER", ["-2147483648", "2147483647"]),
        Type("BIGINT", ["-9223372036854775808", "9223372036854775807"]),
        Type("UTINYINT", ["0", "255"]),
        Type("USMALLINT", ["0", "65535"]),
        Type("UINTEGER", ["0", "4294967295"]),
        Type("UBIGINT", ["0", "18446744073709551615"]),
        Type("HUGEINT", ["0", f"{WIDEST}", f"(-{WIDEST})", "-1"]),
        Type("UHUGEINT", ["0", "340282366920938463463374607431768211455", "170141183460469231731687303715884105728"], wide=True),
        Type("FLOAT", ["0", "-3.4028235e38", "3.4028235e38", "1.1754944e-38", "'inf'", "'-inf'"]),
        Type("DOUBLE", ["0", "-1.7976931348623157e308", "1.7976931348623157e308", "5e-324", "'inf'", "'-inf'"]),
        Type("DECIMAL(4, 1)", ["-999.9", "999.9"]),
        Type("DECIMAL(9, 4)", ["-99999.9999", "99999.9999"]),
        Type("DECIMAL(18, 6)", ["-999999999999.999999", "999999999999.999999"]),
        Type("DECIMAL(38, 10)", ["'-9999999999999999999999999999.9999999999'", "'9999999999999999999999999999.9999999999'"]),
        Type("DECIMAL(38, 0)", [f"'{WIDEST}'", f"'-{WIDEST}'"]),
        Type("VARCHAR", [*texts("", "a", "ünïcödé", "🦆"), "chr(0)", "repeat('long ', 60)", "repeat('🦆', 1000)"]),
        Type("BLOB", ["''", "'\\x00'", "'\\x00\\xFFa\\x00'", "repeat('\\xAB', 300)"]),
        Type("DATE", texts("1970-01-01", "5877642-06-25 (BC)", "5881580-07-10", "infinity", "-infinity", "0001-01-01")),
        Type("TIME", texts("00:00:00", "23:59:59.999999")),
        Type("TIME_NS", texts("00:00:00", "23:59:59.999999999")),
        Type("TIMETZ", texts("00:00:00+15:59:59", "24:00:00-15:59:59", "12:34:56.789012+02", "12:00:00-05:30"), "VARCHAR"),
        Type("TIMESTAMP", texts("1970-01-01", "290309-12-22 (BC) 00:00:00", "294247-01-10 04:00:54.775806", "infinity", "-infinity")),
        Type("TIMESTAMP_S", texts("1970-01-01", "290309-12-22 (BC) 00:00:00", "294247-01-10 04:00:54", "infinity", "-infinity")),
        Type("TIMESTAMP_MS", texts("1970-01-01", "290309-12-22 (BC) 00:00:00", "294247-01-10 04:00:54.775", "infinity", "-infinity")),
        Type("TIMESTAMP_NS", texts("1970-01-01", "1677-09-22 00:00:00", "2262-04-11 23:47:16.854775806", "infinity", "-infinity")),
        Type("TIMESTAMPTZ", texts("1970-01-01 00:00:00+00", "290309-12-22 (BC) 00:00:00+00", "294247-01-10 04:00:54.775806+00", "infinity", "-infinity")),
        Type("INTERVAL", texts("0 days", "83 years 3 months 999 days 16 minutes 39.999999 seconds", "-5 months -7 days -1 hour") + ["to_microseconds(9223372036854775)", "to_microseconds(-9223372036854775)"]),
        Type("UUID", texts("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "80000000-0000-0000-0000-000000000001")),
        Type("JSON", texts("null", '{"a": [1, "ü", null]}', '"text"')),
        Type("BIT", texts("0", "1", "10101", "0010001001011100010101011010111"), "VARCHAR"),
        Type("BIGNUM", ["0", "-1", "repeat('9', 200)", "('-' || repeat('9', 200))"], "VARCHAR"),
        Type("VARIANT", ["1", "'text'", "[1, NULL]", "{'a': DATE '2020-01-01'}", "1.5::DECIMAL(4, 1)"], "JSON", bind="?::JSON", ingest=False),
        Type("GEOMETRY", texts("POINT(1 2)", "LINESTRING(0 0, 1 1, 2 1)"), bind="ST_GeomFromWKB(?)", ingest=False),
        Type(ENUM, texts("", "a", "it''s", "ü")),
        Type("INTEGER[]", ["[]", "[1, NULL, 3]", "[NULL]", "range(100)"]),
        Type("VARCHAR[][]", ["[]", "[[], NULL, ['a', NULL, '']]"]),
        Type("INTEGER[3]", ["[1, NULL, 3]"]),
        Type("VARCHAR[2][2]", ["[['a', NULL], ['', 'b']]"]),
        Type("STRUCT(a INTEGER, \"b c\" VARCHAR[])", ["{'a': 1, 'b c': ['x', NULL]}", "{'a': NULL, 'b c': NULL}"]),
        Type("STRUCT(a STRUCT(b STRUCT(c INTEGER[])))[]", ["[{'a': {'b': {'c': [1, NULL]}}}, NULL, {'a': NULL}]", "[]"]),
        Type("MAP(VARCHAR, INTEGER)", ["MAP {}", "MAP {'a': 1, 'b': NULL}"]),
        Type("MAP(INTEGER, MAP(VARCHAR, DOUBLE[]))", ["MAP {1: MAP {'a': [1.5, NULL]}, 2: NULL}"]),
        Type("UNION(n INTEGER, s VARCHAR)", ["1", "'text'", "NULL::INTEGER"]),
        Type(f"STRUCT(e {ENUM}, l {ENUM}[])", ["{'e': 'a', 'l': ['ü', NULL]}"]),
        Type(f"MAP(VARCHAR, {ENUM})", ["MAP {'k': 'a', 'l': NULL}"]),
    ]
}

# Ways to hold a value: SQL around the value, and around its type.
NESTED = {
    "list": ("CASE WHEN i % 5 = 0 THEN NULL WHEN i % 3 = 0 THEN [] ELSE [VALUE, NULL, VALUE] END", "TYPE[]"),
    "array": ("CASE WHEN i % 5 > 0 THEN [VALUE, VALUE] END", "TYPE[2]"),
    "struct": ("[{'a': VALUE, 'b': i}, NULL][1 + (i % 5 = 0)::INTEGER]", "STRUCT(a TYPE, b BIGINT)"),
    "map": ("CASE WHEN i % 5 > 0 THEN MAP {i: VALUE} END", "MAP(BIGINT, TYPE)"),
    "union": (
        "[CAST(union_value(a := VALUE) AS UNION(a TYPE, b BIGINT)), union_value(b := i)][1 + i % 2]",
        "UNION(a TYPE, b BIGINT)",
    ),
    "deep": ("[{'m': MAP {'k': [VALUE, NULL]}}]", "STRUCT(m MAP(VARCHAR, TYPE[]))[]"),
}


def nested(way, kind, value="c"):
    """The value of a type within another one, in SQL, and that other one with TYPE for the type."""
    if way is None:
        return value, "TYPE"
    around, around_type = NESTED[way]
    within = around.replace("VALUE", value).replace("TYPE", kind.sql)
    return f"CAST({within} AS {around_type.replace('TYPE', kind.sql)})", around_type


def same(ours, expected):
    """Whether two tables have the same schema and values."""
    ours.validate(full=True)
    return ours.schema.equals(expected.schema) and ours.combine_chunks().equals(expected.combine_chunks())


def documented(kind, value, around):
    """What DuckDB has to give so that it is what ours gives."""
    if kind.expect is None:
        return value
    text = f"CAST({value} AS {around.replace('TYPE', kind.expect)})"
    # A VARIANT that is NULL is no text 'null'.
    return f"CASE WHEN c IS NOT NULL THEN {text} END" if around == "TYPE" else text


class Comparison:
    def __init__(self, location, token, tls):
        self.location, self.token = location, token
        self.client = flight.connect(location, **tls)
        self.adbc_tls = adbc_options(tls)
        self.headers = [(b"authorization", b"Bearer " + token.encode())]
        # As the engines have it: DuckDB's own default is the machine's.
        self.duckdb = duckdb.connect()
        self.duckdb.execute("SET TimeZone = 'UTC'")

    def query(self, sql, compression=None):
        extra = [(b"arrow-compression", compression.encode())] if compression else []
        options = flight.FlightCallOptions(headers=self.headers + extra)
        info = self.client.get_flight_info(flight.FlightDescriptor.for_command(sql), options)
        table = self.client.do_get(info.endpoints[0].ticket, options).read_all()
        if not info.schema.equals(table.schema):
            raise AssertionError(f"GetFlightInfo tells {info.schema}, and {table.schema} came: {sql}")
        return table

    def expected(self, sql):
        return self.duckdb.sql(sql).to_arrow_table()

    def check(self, sql, expected_sql=None, compression=None):
        """Raises where our result is another than what DuckDB gives."""
        ours, expected = self.query(sql, compression), self.expected(expected_sql or sql)
        if not same(ours, expected):
            raise AssertionError(f"{sql}\n  gives {sample(ours)}\n  and not {sample(expected)}")
        return ours.num_rows

    def check_type(self, name, rows, way=None, compression=None):
        kind = TYPES[name]
        value, around = nested(way, kind)
        rest = f"AS c FROM ({kind.column(rows)}) ORDER BY i"
        sql = f"SELECT i, {value} {rest}"
        if kind.wide:
            return self.check_wide(sql, compression)
        return self.check(sql, f"SELECT i, {documented(kind, value, around)} {rest}", compression)

    def check_wide(self, sql, compression):
        """DuckDB's values as Python has them, as its export has the numbers wrong."""
        ours = self.query(sql, compression)
        ours.validate(full=True)
        expected = [(i, with_decimals(c)) for i, c in self.duckdb.execute(sql).fetchall()]
        given = [(row["i"], as_duckdb(row["c"])) for row in ours.to_pylist()]
        if given != expected:
            raise AssertionError(f"{sql}\n  gives {given[:5]}\n  and not {expected[:5]}")
        return ours.num_rows

    def round_trip(self, name, way):
        """Binds the values of a result, and ingests them; raises where what comes back is different."""
        kind = TYPES[name]
        value, around = nested(way, kind)
        sql_type = around.replace("TYPE", kind.sql)
        table = self.query(f"SELECT i, {value} AS c FROM ({kind.column(50)}) ORDER BY i")
        settings = {"adbc.flight.sql.authorization_header": f"Bearer {self.token}"}
        with flight_sql.connect(self.location, db_kwargs=settings | self.adbc_tls, autocommit=True) as connection:
            with connection.cursor() as cursor:
                def run(sql):
                    cursor.execute(sql)
                    return cursor.fetch_arrow_table()

                run(f"CREATE OR REPLACE TABLE trip (i BIGINT, c {sql_type})")
                rows, = table.combine_chunks().to_batches()
                cursor.executemany(f"INSERT INTO trip VALUES (?, {kind.bind})", rows)
                backs = {"bound": run("SELECT * FROM trip ORDER BY i")}
                if kind.ingest:
                    run(f"CREATE OR REPLACE TABLE trip (i BIGINT, c {sql_type})")
                    cursor.adbc_ingest("trip", table, mode="append")
                    backs["ingested"] = run("SELECT * FROM trip ORDER BY i")
        different = [how for how, back in backs.items() if not same(back, table)]
        if different:
            raise AssertionError(f"{', '.join(different)}: {sample(backs[different[0]])}\n  and not {sample(table)}")

    def check_random(self, seed):
        """One random table and a random query of it."""
        chance = random.Random(seed)
        rows = chance.choice([0, 1, 7, 2047, 2048, 2049, 5000, 20_000])
        columns = [random_value(chance) for _ in range(chance.randint(1, 6))]
        table = ", ".join(f"({value}) AS c{at}" for at, value in enumerate(columns))
        where = chance.choice(["true", "i % 3 = 1", f"hash(i + {seed}) % 10 < 7", "i >= 2040", "false"])
        shown = chance.sample([f"c{at}" for at in range(len(columns))], chance.randint(1, len(columns)))
        limit = chance.choice(["", f" LIMIT {chance.randint(0, 5000)} OFFSET {chance.randint(0, 3000)}"])
        order = chance.choice(["i", "hash(i), i", "i % 10 DESC, i"])
        sql = f"""SELECT i, {', '.join(shown)} FROM (SELECT i, {table} FROM range({rows}) AS r (i))
            WHERE {where} ORDER BY {order}{limit}"""
        return self.check(sql, compression=chance.choice([None, "zstd"]))


def with_decimals(value):
    """DuckDB's integers as the decimals that ours are."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return decimal.Decimal(value)
    if isinstance(value, (list, tuple)):
        return [with_decimals(each) for each in value]
    return {key: with_decimals(each) for key, each in value.items()} if isinstance(value, dict) else value


def as_duckdb(value):
    """A value of pyarrow's as `with_decimals` has DuckDB's: maps are dicts there."""
    if isinstance(value, list):
        if value and all(isinstance(each, tuple) for each in value):
            return {key: as_duckdb(each) for key, each in value}
        return [as_duckdb(each) for each in value]
    return with_decimals({key: as_duckdb(each) for key, each in value.items()} if isinstance(value, dict) else value)


def failures(checks):
    """What each (title, check) raised, as text."""
    found = []
    for title, check in checks:
        try:
            check()
        except Exception as error:
            found.append(f"{title}: {error}")
    return found


def sample(table):
    return f"{table.schema}, {table.num_rows} rows: {table.slice(0, 6)}"


SCALARS = [
    "i::INTEGER",
    "(i * 1234567)::BIGINT",
    "i::HUGEINT * i",
    "(i / 7)::DOUBLE",
    "(i / 7)::DECIMAL(15, 4)",
    "'text ' || hash(i)::VARCHAR",
    "repeat('ü', (i % 40)::INTEGER)",
    "encode('blob ' || i)",
    "i % 3 = 0",
    "DATE '2000-01-01' + (i % 5000)::INTEGER",
    "TIMESTAMP '2000-01-01' + to_microseconds(i * 987654321)",
    "make_time((i % 24)::BIGINT, (i % 60)::BIGINT, (i % 60)::DOUBLE)",
    "to_days((i % 100)::INTEGER)",
    f"(['', 'a', 'it''s', 'ü'])[(i % 4 + 1)::INTEGER]::{ENUM}",
]
AROUND = [
    "[VALUE, NULL]",
    "CASE WHEN i % 4 > 0 THEN [VALUE] ELSE [] END",
    "{'a': VALUE, 'b': NULL::VARCHAR}",
    "MAP {i: VALUE}",
    "union_value(v := VALUE)",
    "array_value(VALUE, VALUE)",
]


def random_value(chance):
    """A value of a row i, in SQL: a scalar with nulls among it, within other types."""
    value = chance.choice(SCALARS)
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2, 3])):
        if chance.random() < 0.5 and "array_value" not in value:
            value = f"CASE WHEN i % {chance.randint(2, 9)} > 0 THEN {value} END"
        value = chance.choice(AROUND).replace("VALUE", value)
    return value

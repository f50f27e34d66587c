import type { Notebook } from './notebook.js';
import type { Product } from './product.js';

/**
 * Names for cells that use ADBC: `connect()` sends the token with each call, `login()` opens a session by a handshake,
 * `rows(connection, sql, parameters)` fetches all.
 */
export async function withAdbc(notebook: Notebook, product: Product, user = 'ada'): Promise<Notebook> {
  await notebook.run(preamble, product.access(user));
  return notebook;
}

const preamble = `
import threading
import time
from datetime import date, datetime, time as time_of_day, timedelta, timezone
from decimal import Decimal
import adbc_driver_flightsql as driver
import adbc_driver_flightsql.dbapi as flight_sql
import pyarrow as pa
from tls import adbc_options

limits = {f"adbc.flight.sql.rpc.timeout_seconds.{call}": "30" for call in ("fetch", "query", "update")}
always = {**limits, **adbc_options(tls)}

def connect(autocommit=True, **more):
    settings = {**always, "adbc.flight.sql.authorization_header": f"Bearer {token}", **more}
    return flight_sql.connect(location, db_kwargs=settings, autocommit=autocommit)

def login(autocommit=True, password=None):
    settings = {**always, "username": "token", "password": password or token}
    return flight_sql.connect(location, db_kwargs=settings, autocommit=autocommit)

def rows(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()

def update(connection, sql):
    with connection.cursor() as cursor:
        return cursor.adbc_statement.set_sql_query(sql) or cursor.adbc_statement.execute_update()
`;

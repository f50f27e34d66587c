"""What ADBC's driver tells of the databases: {"location", "token", "tls"?, "statements"?, "calls": [[method, arguments]…]}.

The statements run first, on the same connection. Each call has one answer; `get_objects` as nested lists, Arrow schemas
as [name, type] pairs.
"""

import adbc_driver_flightsql.dbapi as flight_sql
import adbc_driver_manager
import pyarrow as pa
from task import answer, answer_error, read_task
from tls import adbc_options

task = read_task()


def told(value):
    if isinstance(value, pa.Schema):
        return [[field.name, str(field.type)] for field in value]
    if isinstance(value, pa.RecordBatchReader):
        return value.read_all().to_pylist()
    return value


settings = {"adbc.flight.sql.authorization_header": f"Bearer {task['token']}"}
with flight_sql.connect(task["location"], db_kwargs=settings | adbc_options(task.get("tls", {})), autocommit=True) as connection:
    with connection.cursor() as cursor:
        for sql in task.get("statements", []):
            cursor.execute(sql)
            cursor.fetchall()
    for method, arguments in task["calls"]:
        try:
            answer({"answer": told(getattr(connection, method)(**arguments))})
        except adbc_driver_manager.Error as error:
            answer_error(error)

"""One query by ADBC's driver for Flight SQL: {"location", "token" or "password", "sql", "tls"?}."""

import adbc_driver_flightsql.dbapi as flight_sql
import adbc_driver_manager
from task import answer_error, answer_table, read_task
from tls import adbc_options

task = read_task()
if "token" in task:
    settings = {"adbc.flight.sql.authorization_header": f"Bearer {task['token']}"}
else:
    settings = {"username": "token", "password": task["password"]}
try:
    with flight_sql.connect(task["location"], db_kwargs=settings | adbc_options(task.get("tls", {})), autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.execute(task["sql"])
            answer_table(cursor.fetch_arrow_table())
except adbc_driver_manager.Error as error:
    answer_error(error)

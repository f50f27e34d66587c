"""One query as pyarrow users write it: {"location", "token", "sql", "tls"?, "timeout"?}."""

import pyarrow as pa
import pyarrow.flight as flight
from task import answer_error, answer_table, read_task

task = read_task()
headers = [(b"authorization", b"Bearer " + task["token"].encode())]
options = flight.FlightCallOptions(headers=headers, timeout=task.get("timeout"))
try:
    client = flight.connect(task["location"], **task.get("tls", {}))
    info = client.get_flight_info(flight.FlightDescriptor.for_command(task["sql"]), options)
    answer_table(client.do_get(info.endpoints[0].ticket, options).read_all())
except (flight.FlightError, pa.ArrowException) as error:
    answer_error(error)

"""One client process of the benchmark; several of them together keep Python's lock from being what is measured.

The first line of its standard input is {"targets": {name: {"location", "headers": {name: value}}}, "streams": n}: it
opens n connections to each and prints {"pyarrow", "duckdb", "python"}, the versions. Each line after it is a task, which
starts at "start_at" (seconds since 1970) on its first "streams" connections, each in a thread of its own:
    {"kind": "read", "target", "sql"}             reads a result on each, batches let go at once
    {"kind": "row", "target", "sql", "seconds"}   small queries one after the other on each
    {"kind": "ingest", "target", "command"}       puts INGEST_ROWS rows; the command is base64
The answer is a line too: {"end": seconds since 1970, "rows", "bytes", "ms": [one time a call]} or {"error"}. A call is
GetFlightInfo and DoGet, as users write it; bytes are those of Arrow data.
"""

import base64
import json
import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pyarrow.flight as flight

INGEST_ROWS = 2_000_000
BATCH_ROWS = 65_536
# Connections of one process share a socket otherwise.
OWN_SOCKET = [("grpc.use_local_subchannel_pool", 1)]


class Connection:
    def __init__(self, location, headers):
        self.client = flight.FlightClient(location, generic_options=OWN_SOCKET)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.options = flight.FlightCallOptions(headers=pairs)

    def read(self, sql):
        """Rows and bytes of a result."""
        descriptor = flight.FlightDescriptor.for_command(sql)
        info = self.client.get_flight_info(descriptor, self.options)
        rows = size = 0
        for chunk in self.client.do_get(info.endpoints[0].ticket, self.options):
            rows += chunk.data.num_rows
            size += chunk.data.nbytes
        return rows, size

    def ingest(self, command, table):
        descriptor = flight.FlightDescriptor.for_command(command)
        writer, answers = self.client.do_put(descriptor, table.schema, self.options)
        with writer:
            for batch in table.to_batches(BATCH_ROWS):
                writer.write_batch(batch)
            writer.done_writing()
            while answers.read() is not None:
                pass


def make_ingest_table():
    with duckdb.connect() as database:
        return database.execute(
            f"""SELECT i AS id, (i % 1000)::INTEGER AS kind, i / 7 AS amount, DATE '2020-01-01' + (i % 2000)::INTEGER AS day,
                'customer ' || i AS name FROM range({INGEST_ROWS}) AS numbers(i)"""
        ).to_arrow_table()


def read(connection, task):
    rows, size = connection.read(task["sql"])
    return {"rows": rows, "bytes": size, "ms": []}


def row(connection, task):
    times = []
    rows = size = 0
    until = task["start_at"] + task["seconds"]
    while time.time() < until:
        start = time.perf_counter()
        more_rows, more_size = connection.read(task["sql"])
        times.append((time.perf_counter() - start) * 1000)
        rows, size = rows + more_rows, size + more_size
    return {"rows": rows, "bytes": size, "ms": times}


def ingest(connection, task):
    table = task["table"]
    connection.ingest(base64.b64decode(task["command"]), table)
    return {"rows": table.num_rows, "bytes": table.nbytes, "ms": []}


KINDS = {"read": read, "row": row, "ingest": ingest}


def on_time(connection, task):
    time.sleep(max(0, task["start_at"] - time.time()))
    return KINDS[task["kind"]](connection, task) | {"end": time.time()}


def joined(results):
    return {
        "end": max(each["end"] for each in results),
        "rows": sum(each["rows"] for each in results),
        "bytes": sum(each["bytes"] for each in results),
        "ms": [ms for each in results for ms in each["ms"]],
    }


def open_connections(targets, streams):
    connections = {}
    for name, target in targets.items():
        connections[name] = [Connection(target["location"], target["headers"]) for _ in range(streams)]
        for connection in connections[name]:
            connection.read("SELECT 1")
    return connections


def answer(line):
    print(json.dumps(line), flush=True)


def main():
    first = json.loads(sys.stdin.readline())
    connections = open_connections(first["targets"], first["streams"])
    answer({"pyarrow": pa.__version__, "duckdb": duckdb.__version__, "python": platform.python_version()})
    table = None
    with ThreadPoolExecutor(first["streams"]) as threads:
        for line in sys.stdin:
            task = json.loads(line)
            if task["kind"] == "ingest":
                table = table or make_ingest_table()
                task["table"] = table
            chosen = connections[task["target"]][: task["streams"]]
            try:
                answer(joined(list(threads.map(lambda each: on_time(each, task), chosen))))
            except (pa.ArrowException, flight.FlightError) as error:
                answer({"error": f"{task['kind']} of {task['target']}: {error}"})


if __name__ == "__main__":
    main()

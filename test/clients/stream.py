"""Reads one result batch by batch and tells of it while it does.

Task: {"location", "token", "sql", "tls"?, "mb_per_s"?, "seconds"?, "cancel_after_batches"?, "timeout"?}. The answers are lines:
{"event": "first"} with the first batch, {"event": "end", "rows", "bytes", "last", "error"?, "bases"?} at the end.
"last" is the largest value of the first column. "mb_per_s" slows the reading down, "seconds" ends it.
"""

import time

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.flight as flight
from task import answer, read_task


class Progress:
    def __init__(self, task):
        self.task = task
        self.start = time.monotonic()
        self.rows = self.bytes = self.batches = 0
        self.last = None

    def add(self, batch):
        self.rows += batch.num_rows
        self.bytes += batch.nbytes
        self.batches += 1
        if batch.num_rows and pa.types.is_integer(batch.schema[0].type):
            self.last = max(self.last or 0, pc.max(batch.column(0)).as_py())
        if self.batches == 1:
            answer({"event": "first"})
        speed = self.task.get("mb_per_s")
        if speed:
            time.sleep(max(0, self.bytes / 1e6 / speed - (time.monotonic() - self.start)))

    def enough(self):
        late = time.monotonic() - self.start > self.task.get("seconds", float("inf"))
        return late or self.batches >= self.task.get("cancel_after_batches", float("inf"))

    def end(self, error=None):
        bases = [base.__name__ for base in type(error).__mro__] if error else None
        told = {"error": type(error).__name__, "bases": bases, "message": str(error)} if error else {}
        answer({"event": "end", "rows": self.rows, "bytes": self.bytes, "last": self.last, **told})


def main():
    task = read_task()
    headers = [(b"authorization", b"Bearer " + task["token"].encode())]
    options = flight.FlightCallOptions(headers=headers, timeout=task.get("timeout"))
    progress = Progress(task)
    try:
        client = flight.connect(task["location"], **task.get("tls", {}))
        info = client.get_flight_info(flight.FlightDescriptor.for_command(task["sql"]), options)
        reader = client.do_get(info.endpoints[0].ticket, options)
        for chunk in reader:
            progress.add(chunk.data)
            if progress.enough():
                reader.cancel()
                break
        progress.end()
    except (flight.FlightError, pa.ArrowException) as error:
        progress.end(error)


main()

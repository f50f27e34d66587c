"""Measures several Flight servers with one client process, round by round, so that all see the same machine.

Reads its task as JSON on standard input:
    {"targets": [{"name", "location", "headers": {name: value}}], "read_sql", "row_sql", "rounds", "row_calls"}
Prints {name: {"read_mb_per_s": [...], "row_ms": [...], "rows": n}}: one value of read speed and one median of one-row
time a round. MB are 10**6 bytes of Arrow data; a call is GetFlightInfo and DoGet, as users write it.
"""

import json
import statistics
import sys
import time

import pyarrow.flight as flight


class Target:
    def __init__(self, task):
        self.name = task["name"]
        self.client = flight.connect(task["location"])
        headers = [(name.encode(), value.encode()) for name, value in task["headers"].items()]
        self.options = flight.FlightCallOptions(headers=headers)

    def read(self, sql):
        """Rows and bytes of a result, each batch let go at once."""
        descriptor = flight.FlightDescriptor.for_command(sql)
        info = self.client.get_flight_info(descriptor, self.options)
        rows = size = 0
        for chunk in self.client.do_get(info.endpoints[0].ticket, self.options):
            rows += chunk.data.num_rows
            size += chunk.data.nbytes
        return rows, size


def read_speed(target, sql):
    start = time.perf_counter()
    rows, size = target.read(sql)
    return rows, size / 1e6 / (time.perf_counter() - start)


def row_time(target, sql, calls):
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        target.read(sql)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main():
    task = json.load(sys.stdin)
    targets = [Target(each) for each in task["targets"]]
    results = {target.name: {"read_mb_per_s": [], "row_ms": []} for target in targets}
    for target in targets:
        target.read(task["read_sql"])
        row_time(target, task["row_sql"], task["row_calls"])
    for number in range(task["rounds"]):
        shift = number % len(targets)
        for target in targets[shift:] + targets[:shift]:
            result = results[target.name]
            result["rows"], speed = read_speed(target, task["read_sql"])
            result["read_mb_per_s"].append(speed)
            result["row_ms"].append(row_time(target, task["row_sql"], task["row_calls"]))
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()

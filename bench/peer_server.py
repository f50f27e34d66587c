"""What our engine is compared with: pyarrow.flight's C++ server on Python's DuckDB, over the same file.

Prints its port once it listens; ends when its standard input does.
"""

import argparse
import itertools
import os
import sys
import threading

import duckdb
import pyarrow.flight as flight


class PeerServer(flight.FlightServerBase):
    def __init__(self, path, threads, rows_per_batch):
        super().__init__("grpc://127.0.0.1:0")
        settings = {"threads": threads, "preserve_insertion_order": False}
        self.database = duckdb.connect(config=settings)
        self.database.execute(f"ATTACH '{path}' AS bench (READ_ONLY)")
        self.rows_per_batch = rows_per_batch
        self.readers = {}
        self.ids = itertools.count()

    def run_sql(self, sql):
        """Streams: DuckDB goes on while batches are read."""
        return self.database.cursor().execute(sql).to_arrow_reader(self.rows_per_batch)

    def get_flight_info(self, context, descriptor):
        reader = self.run_sql(descriptor.command.decode())
        ticket = b"result %d" % next(self.ids)
        self.readers[ticket] = reader
        endpoint = flight.FlightEndpoint(flight.Ticket(ticket), [])
        return flight.FlightInfo(reader.schema, descriptor, [endpoint], -1, -1)

    def do_get(self, context, ticket):
        return flight.RecordBatchStream(self.readers.pop(ticket.ticket))

    def do_put(self, context, descriptor, reader, writer):
        """The command is the name of a table, which is replaced. DuckDB pulls the batches as they come."""
        rows = reader.to_reader()  # DuckDB finds it by this name
        table = descriptor.command.decode()
        self.database.cursor().execute(f"CREATE OR REPLACE TABLE memory.{table} AS SELECT * FROM rows")
        del rows


# What comes over the network lies where it lies; else pyarrow warns of that with each batch.
os.environ.setdefault("ACERO_ALIGNMENT_HANDLING", "ignore")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--rows-per-batch", type=int, default=32768)
    options = parser.parse_args()
    server = PeerServer(options.database, options.threads, options.rows_per_batch)

    def stop_with_parent():
        sys.stdin.read()
        # Ending in order would wait for what clients left open.
        os._exit(0)

    threading.Thread(target=stop_with_parent, daemon=True).start()
    print(server.port, flush=True)
    server.serve()


if __name__ == "__main__":
    main()

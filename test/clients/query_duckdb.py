"""What Python's DuckDB says: {"sql", "extensions", "databases": [{"alias", "type", "connection_string"}]}."""

import duckdb
from task import answer_table, read_task

task = read_task()
connection = duckdb.connect(config={"extension_directory": task["extensions"]})
for database in task["databases"]:
    if database["type"] == "sqlite":
        connection.execute("LOAD sqlite_scanner")
    path, alias, kind = database["connection_string"], database["alias"], database["type"]
    connection.execute(f"ATTACH '{path}' AS {alias} (TYPE {kind}, READ_ONLY)")
answer_table(connection.execute(task["sql"]).to_arrow_table())

"""How the tests talk with these scripts: a task as JSON on standard input, answers as lines of JSON on standard output."""

import json
import sys


def read_task():
    return json.load(sys.stdin)


def answer(value):
    print(json.dumps(value, default=str), flush=True)


def answer_table(table):
    """Column names, Arrow types and rows; what JSON can't hold is text."""
    answer(
        {
            "columns": table.column_names,
            "types": [str(field.type) for field in table.schema],
            "rows": [list(row.values()) for row in table.to_pylist()],
        }
    )


def answer_error(error):
    answer({"error": type(error).__name__, "bases": [base.__name__ for base in type(error).__mro__], "message": str(error)})

"""Runs Python that the tests hold, cell by cell, so that they show what a user writes.

A cell is a line of JSON: {"code", "values"}. The values are there as variables; names that a cell makes stay for the
next ones. Answered is {"answer"}, the value of the last line if it is an expression, or {"error", "bases", "message"}.
"""

import ast
import json
import sys

names = {}


def plain(value):
    """What JSON can't hold: tables become rows, schemas [name, type] pairs, other things text."""
    for method in ("to_pylist", "read_all"):
        if hasattr(value, method):
            return getattr(value, method)()
    if hasattr(value, "field") and hasattr(value, "names"):
        return [[field.name, str(field.type)] for field in value]
    return value.hex() if isinstance(value, bytes) else str(value)


def run(code, values):
    names.update(values)
    cell = ast.parse(code)
    last = cell.body.pop() if isinstance(cell.body[-1], ast.Expr) else None
    exec(compile(cell, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


for line in sys.stdin:
    try:
        told = {"answer": run(**json.loads(line))}
    except Exception as error:
        bases = [base.__name__ for base in type(error).__mro__]
        told = {"error": type(error).__name__, "bases": bases, "message": str(error)}
    print(json.dumps(told, default=plain), flush=True)

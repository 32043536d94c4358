# SPDX-License-Identifier: Apache-2.0
"""How the source of a case is evaluated, and how values and errors are written down; the same on both engines."""

import copy
import datetime
import decimal
import enum
import importlib
import json
import pickle
import re
import warnings


class Colour(enum.Enum):
    """An enumeration as users have them."""

    RED = "x"


def scope(package):
    """The names that cases use, from `pyspark` or `holdfast`."""
    functions = importlib.import_module(f"{package}.sql.functions")
    types = importlib.import_module(f"{package}.sql.types")
    errors = importlib.import_module(f"{package}.errors")
    names = {name: getattr(functions, name) for name in (*functions.__all__, "uuid")}
    names.update({name: getattr(types, name) for name in dir(types) if name.endswith("Type") or name == "StructField"})
    names.update({name: getattr(errors, name) for name in errors.__all__})
    names["Row"] = types.Row
    names["Column"] = importlib.import_module(f"{package}.sql.column").Column
    names.update(functions=functions, types=types, errors=errors, Colour=Colour, Decimal=decimal.Decimal)
    names.update(copy=copy, datetime=datetime, json=json, pickle=pickle)
    # Functions of SQL hide these, and cases of plain Python want Python's.
    names["numpy"] = importlib.import_module("numpy")
    return names


def python_scope(package):
    """The same with Python's own `hash`, `sum`, `max` and so on where a function of SQL has the name."""
    names = scope(package)
    for hidden in ("hash", "abs", "round", "pow", "bin", "hex", "filter", "reversed"):
        if hidden != "pow":
            names.pop(hidden, None)
    return names


def evaluated(source, names):
    """The repr of what the source gives, or the class and condition of its error and its parameters' names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return {"value": without_addresses(repr(eval(source, dict(names))))}
        except Exception as error:
            found = {"error": type(error).__name__}
            condition = getattr(error, "getCondition", lambda: None)()
            if condition is not None:
                found["condition"] = condition
                found["parameters"] = sorted((getattr(error, "getMessageParameters", lambda: {})() or {}).items())
                found["parameters"] = [list(pair) for pair in found["parameters"]]
            return found


def without_addresses(text):
    """The text without what differs from run to run."""
    return re.sub(r"0x[0-9a-f]+|\[B@[0-9a-f]+|(?<=uuid\()-?[0-9]+L", "ADDRESS", text)


def plain(value):
    """A value of a row as JSON; floats as text, since JSON has no NaN."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return {"double": repr(value)}
    if isinstance(value, decimal.Decimal):
        return {"decimal": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"binary": value.hex()}
    if isinstance(value, datetime.datetime):
        return {"timestamp": value.replace(tzinfo=None).isoformat(sep=" ")}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if isinstance(value, dict):
        return {"map": [[plain(key), plain(one)] for key, one in value.items()]}
    if isinstance(value, tuple):
        return {"struct": [plain(one) for one in value]}
    return [plain(one) for one in value]

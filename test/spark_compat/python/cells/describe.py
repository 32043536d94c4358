# SPDX-License-Identifier: Apache-2.0
"""One text for a value: exact type and contents, the same under every version of Python, numpy and pandas.

Plain Python values are written as Python writes them; any other value is preceded by the full name of its class.
"""

import collections.abc
import datetime
import decimal
import re
import uuid

PLAIN = (type(None), bool, int, float, complex, str, bytes)


def describe(value):
    kind = type(value)
    if kind in PLAIN:
        return repr(value)
    if kind in (datetime.datetime, datetime.date, datetime.time, datetime.timedelta):
        return repr(value)
    if kind in (decimal.Decimal, uuid.UUID):
        return repr(value)
    if kind is list:
        return "[" + ", ".join(map(describe, value)) + "]"
    if kind is tuple:
        return "(" + ", ".join(map(describe, value)) + ("," if len(value) == 1 else "") + ")"
    if kind is dict:
        return "{" + ", ".join(f"{describe(k)}: {describe(v)}" for k, v in value.items()) + "}"
    return described_object(value)


def described_object(value):
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__name__ == "Row" and isinstance(value, tuple):
        return row(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return (
            f"{kind.__name__}[namedtuple]("
            + ", ".join(f"{f}={describe(v)}" for f, v in zip(value._fields, value))
            + ")"
        )
    if kind.__module__ == "numpy":
        if kind.__name__ == "ndarray":
            return f"ndarray[{value.dtype}]({', '.join(map(describe, value))})"
        return f"numpy.{kind.__name__}({scalar(value)})"
    if kind.__module__.split(".")[0] == "pandas":
        return f"pandas.{scalar(value)}" if kind.__name__ in ("Timestamp", "Timedelta") else scalar(value)
    if isinstance(value, bytearray):
        return repr(value)
    if isinstance(value, collections.abc.Iterator):
        return f"<iterator {kind.__name__}>"
    return f"{name}:{scalar(value)}"


def row(value):
    """A Row with its field names, or without where it has none."""
    names = getattr(value, "__fields__", None)
    if names is None:
        return "Row(" + ", ".join(map(describe, value)) + ")"
    return "Row(" + ", ".join(f"{n}={describe(v)}" for n, v in zip(names, value)) + ")"


def scalar(value):
    if hasattr(value, "dtype") and hasattr(value, "item"):
        kind = type(value).__name__
        return str(value) if kind in ("datetime64", "timedelta64") else describe(value.item())
    return without_addresses(repr(value))


def error(exception):
    """The class, the exceptions of Python that it is, the condition, and the start of the message."""
    told = {"raised": type(exception).__name__}
    told["is"] = [
        c.__name__
        for c in type(exception).__mro__
        if c.__module__ == "builtins" and c.__name__ not in ("object", "BaseException", "Exception")
    ]
    if hasattr(exception, "getCondition"):
        told["condition"] = exception.getCondition()
    told["message"] = head(str(exception))
    return told


def head(text, lines=3, length=400):
    kept = [line for line in text.strip().split("\n") if line.strip()][:lines]
    return without_addresses("\n".join(kept))[:length]


def without_addresses(text):
    text = re.sub(r"0x[0-9a-f]{6,}", "0x…", text)
    text = re.sub(
        r"(\[?\b[A-Z][\w.;]*|\bnet\.razorvine[\w.]+)@[0-9a-f]{4,8}\b", r"\1@…", text
    )  # Java's default text of an object
    text = re.sub(r"java\.util\.GregorianCalendar\[.*\]", "java.util.GregorianCalendar[…]", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    return re.sub(r"(/[\w.\-]+){2,}/", "…/", text)

# SPDX-License-Identifier: Apache-2.0
"""Python values as SQL literals, with the types that PySpark gives them."""

import calendar
import datetime
import decimal
import enum
import math
import sys
import time
from typing import Any

from holdfast.errors import PySparkTypeError, PySparkValueError, not_offered
from holdfast.sql.double_text import double_text
from holdfast.sql.expression import Literal, Node, call
from holdfast.sql.sql_text import text_literal

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
DECIMAL_DIGITS_MAX = 38


def literal(value: Any) -> Node:
    """The literal for a Python value; a list becomes array(...). A Column is no value."""
    if isinstance(value, enum.Enum):
        value = value.value
    value = without_numpy(value)
    if value is None:
        return Literal("NULL", "NULL", "NULL")
    if isinstance(value, bool):
        word = "true" if value else "false"
        return Literal(word, word, word)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, str):
        shown = value.replace("\\", "\\\\").replace("'", "\\'")
        return Literal(text_literal(value), f"'{shown}'", value)
    if isinstance(value, (bytes, bytearray)):
        text = f"X'{value.hex().upper()}'"
        return Literal(text, text, text)
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, datetime.datetime):
        return _timestamp(value)
    if isinstance(value, datetime.date):
        return Literal(f"DATE'{value.isoformat()}'", value.isoformat(), f"DATE '{value.isoformat()}'")
    if isinstance(value, list):
        return call("array", *(literal(one) for one in value))
    if isinstance(value, (datetime.timedelta, datetime.time)):
        raise not_offered(f"A literal of the class {type(value).__name__}")
    raise PySparkTypeError(errorClass="UNSUPPORTED_LITERAL", messageParameters={"literal": repr(value)})


def without_numpy(value: Any) -> Any:
    """Python's value for a numpy scalar; anything else as it is."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return value
    if isinstance(value, numpy.ndarray):
        raise not_offered("A literal of a numpy array", "Write lit(array.tolist()).")
    return value.item() if isinstance(value, numpy.generic) else value


def _signed(digits: str) -> str:
    """A negative number in brackets, so that no minus stands beside another."""
    return f"({digits})" if digits.startswith("-") else digits


def _integer(value: int) -> Literal:
    if INT_MIN <= value <= INT_MAX:
        return Literal(_signed(str(value)), str(value), str(value))
    if LONG_MIN <= value <= LONG_MAX:
        return long_literal(value)
    raise PySparkValueError(
        errorClass="VALUE_OUT_OF_BOUNDS",
        messageParameters={
            "arg_name": "A literal",
            "lower_bound": str(LONG_MIN),
            "upper_bound": str(LONG_MAX),
            "actual": str(value),
        },
    )


def long_literal(value: int) -> Literal:
    """A BIGINT, however small."""
    return Literal(_signed(f"{value}L"), f"{value}L", str(value))


def _double(value: float) -> Literal:
    shown = double_text(value)
    if math.isnan(value) or math.isinf(value):
        # Nullable for Spark is what a text is cast to; the literal is not.
        return Literal(f"coalesce(CAST('{shown}' AS DOUBLE), 0D)", shown, shown, exact=False)
    return Literal(_signed(f"{value!r}D"), shown, shown)


def _decimal(value: decimal.Decimal) -> Literal:
    if not value.is_finite():
        raise PySparkValueError(errorClass="UNSUPPORTED_LITERAL", messageParameters={"literal": str(value)})
    plain = format(value, "f")
    if len(plain.lstrip("-0.").replace(".", "")) > DECIMAL_DIGITS_MAX:
        raise PySparkValueError(
            f"The decimal {value} has more than {DECIMAL_DIGITS_MAX} digits.",
            errorClass="DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
        )
    return Literal(_signed(f"{plain}BD"), str(value), plain)


def _timestamp(value: datetime.datetime) -> Literal:
    """An instant, as PySpark takes it: without a zone of its own, the value is in the zone of this process."""
    seconds = calendar.timegm(value.utctimetuple()) if value.tzinfo else int(time.mktime(value.timetuple()))
    utc = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds, microseconds=value.microsecond)
    local = datetime.datetime.fromtimestamp(seconds).replace(microsecond=value.microsecond)
    text = _shortest(utc)
    return Literal(f"TIMESTAMP'{text}Z'", _shortest(local, ".0"), f"TIMESTAMP '{text}'")


def _shortest(moment: datetime.datetime, no_fraction: str = "") -> str:
    """Date and time, with as many digits of the second as are needed."""
    fraction = f"{moment.microsecond:06d}".rstrip("0")
    return moment.replace(microsecond=0).isoformat(sep=" ") + (f".{fraction}" if fraction else no_fraction)

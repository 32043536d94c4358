# SPDX-License-Identifier: Apache-2.0
"""State values between JSON, as the input files hold them, and Python, as Spark's API wants them."""

import datetime
import decimal
import json

from pyspark.sql import types as t


def from_json(kind, value):
    """`value` as a Python value of the Spark type. Structs and maps are lists: of the fields in their
    order, and of [key, value] pairs. Binary is hexadecimal, decimals and times are texts."""
    if value is None:
        return None
    if isinstance(kind, t.StructType):
        return tuple(from_json(field.dataType, part) for field, part in zip(kind.fields, value, strict=True))
    if isinstance(kind, t.ArrayType):
        return [from_json(kind.elementType, part) for part in value]
    if isinstance(kind, t.MapType):
        return {from_json(kind.keyType, k): from_json(kind.valueType, v) for k, v in value}
    if isinstance(kind, t.DecimalType):
        return decimal.Decimal(value)
    if isinstance(kind, t.DateType):
        return datetime.date.fromisoformat(value)
    if isinstance(kind, (t.TimestampType, t.TimestampNTZType)):
        return datetime.datetime.fromisoformat(value)
    if isinstance(kind, t.BinaryType):
        return bytearray.fromhex(value)
    if isinstance(kind, (t.FloatType, t.DoubleType)):
        return float(value)  # "NaN", "Infinity" and "-0.0" among them
    return value


def to_text(value):
    """What a state function returned, as one line of JSON."""
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value):
    if isinstance(value, dict):
        return [[_plain(k), _plain(v)] for k, v in value.items()]
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    return str(value)

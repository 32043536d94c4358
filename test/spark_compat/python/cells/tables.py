# SPDX-License-Identifier: Apache-2.0
"""Spark's types as Arrow's, values of each, and Parquet files of them."""

import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

UTC = datetime.timezone.utc

ARROW = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "decimal(10,2)": pa.decimal128(10, 2),
    "decimal(38,18)": pa.decimal128(38, 18),
    "string": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "array<int>": pa.list_(pa.int32()),
    "array<double>": pa.list_(pa.float64()),
    "array<string>": pa.list_(pa.string()),
    "array<timestamp>": pa.list_(pa.timestamp("us", tz="UTC")),
    "array<array<int>>": pa.list_(pa.list_(pa.int32())),
    "map<string,int>": pa.map_(pa.string(), pa.int32()),
    "map<int,array<string>>": pa.map_(pa.int32(), pa.list_(pa.string())),
    "struct<a:int,b:string>": pa.struct([("a", pa.int32()), ("b", pa.string())]),
    "array<struct<a:int,b:string>>": pa.list_(pa.struct([("a", pa.int32()), ("b", pa.string())])),
    "struct<x:struct<a:int,b:string>,y:array<int>,t:timestamp>": pa.struct(
        [
            ("x", pa.struct([("a", pa.int32()), ("b", pa.string())])),
            ("y", pa.list_(pa.int32())),
            ("t", pa.timestamp("us", tz="UTC")),
        ]
    ),
}


def at(*parts):
    return datetime.datetime(*parts, tzinfo=UTC)


# Three values of each type, odd ones among them.
VALUES = {
    "boolean": (True, False, True),
    "tinyint": (1, -128, 127),
    "smallint": (1, -32768, 32767),
    "int": (1, -2147483648, 2147483647),
    "bigint": (1, -9223372036854775808, 9223372036854775807),
    "float": (1.5, 0.1, -0.0),
    "double": (1.5, 0.1, -0.0),
    "decimal(10,2)": (Decimal("1.50"), Decimal("-99999999.99"), Decimal("0.00")),
    "decimal(38,18)": (Decimal("1.500000000000000000"), Decimal("12345678901234567890.123456789012345678"), Decimal(0)),
    "string": ("a", "", "é😀"),
    "binary": (b"a", b"", b"\x00\xff"),
    "date": (datetime.date(2026, 1, 2), datetime.date(1, 1, 1), datetime.date(9999, 12, 31)),
    "timestamp": (at(2026, 1, 2, 3, 4, 5, 678901), at(2025, 11, 2, 6, 30), at(1969, 12, 31, 23, 59, 59, 999999)),
    "timestamp_ntz": (
        datetime.datetime(2026, 1, 2, 3, 4, 5, 678901),
        datetime.datetime(2025, 11, 2, 1, 30),
        datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
    ),
    "array<int>": ([1, 2], [], [3, None]),
    "array<double>": ([1.5, float("nan")], [], [3.0, None]),
    "array<string>": (["a", "b"], [], ["c", None]),
    "array<timestamp>": ([at(2026, 1, 2, 3, 4, 5, 678901)], [], [at(2025, 11, 2, 6, 30), None]),
    "array<array<int>>": ([[1], []], [], [[2, None], None]),
    "map<string,int>": ([("a", 1), ("b", 2)], [], [("c", None)]),
    "map<int,array<string>>": ([(1, ["a"])], [], [(2, None), (3, [None])]),
    "struct<a:int,b:string>": ({"a": 1, "b": "x"}, {"a": None, "b": None}, {"a": None, "b": "y"}),
    "array<struct<a:int,b:string>>": ([{"a": 1, "b": "x"}], [], [{"a": None, "b": "y"}, None]),
    "struct<x:struct<a:int,b:string>,y:array<int>,t:timestamp>": (
        {"x": {"a": 1, "b": "x"}, "y": [1], "t": at(2026, 1, 2, 3, 4, 5, 678901)},
        {"x": None, "y": None, "t": None},
        {"x": {"a": None, "b": "y"}, "y": [None], "t": at(2025, 11, 2, 6, 30)},
    ),
}


def write_parquet(path, columns, rows):
    arrays = [pa.array([row[i] for row in rows], ARROW[kind]) for i, (_, kind) in enumerate(columns)]
    schema = pa.schema([pa.field(name, ARROW[kind]) for name, kind in columns])
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)

# SPDX-License-Identifier: Apache-2.0
"""Rows as the table that show() prints, and as HTML for notebooks."""

import datetime
import html
from decimal import Decimal
from typing import Any, List

import pyarrow as pa

from holdfast.sql import types as t
from holdfast.sql.double_text import double_text, float_text
from holdfast.sql.to_python import rows_of

# What would break the lines of a table.
_ESCAPES = str.maketrans(
    {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b", "\v": "\\v", "\a": "\\a"}
)


def cell_text(value: Any, kind: t.DataType) -> str:
    """A value of this type as Spark's show prints it."""
    if value is None:
        return "NULL"
    if isinstance(kind, t.StructType):
        return "{" + ", ".join(cell_text(one, field.dataType) for one, field in zip(value, kind.fields)) + "}"
    if isinstance(kind, t.ArrayType):
        return "[" + ", ".join(cell_text(one, kind.elementType) for one in value) + "]"
    if isinstance(kind, t.MapType):
        pairs = (f"{cell_text(key, kind.keyType)} -> {cell_text(one, kind.valueType)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(kind, t.FloatType):
        return float_text(value)
    if isinstance(kind, t.DoubleType):
        return double_text(value)
    if isinstance(value, datetime.datetime):
        text = value.isoformat(sep=" ")
        return text.rstrip("0") if value.microsecond else text
    if isinstance(value, bytes):
        return "[" + " ".join(f"{byte:02X}" for byte in value) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _cells(table: pa.Table, schema: t.StructType, zone: str, length: int) -> List[List[str]]:
    rows = [
        [cell_text(value, one.dataType).translate(_ESCAPES) for value, one in zip(row, schema.fields)]
        for row in rows_of(table, schema, zone)
    ]
    if length > 0:
        rows = [[_cut(text, length) for text in row] for row in rows]
    return rows


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return text[:length] if length < 4 else text[: length - 3] + "..."


def table_text(
    table: pa.Table, schema: t.StructType, zone: str, length: int, vertical: bool = False, has_more: bool = False
) -> str:
    """What show() prints, but for its last line end. `length`: how many characters of a cell are shown; 0: all."""
    cells = _cells(table, schema, zone, length)
    more = ""
    if has_more:
        more = f"only showing top {len(cells)} row{'' if len(cells) == 1 else 's'}"
    if vertical:
        return _vertical(schema.names, cells) + more if cells else "(0 rows)"
    names = [_cut(name, length) if length > 0 else name for name in schema.names]
    widths = [max([3, len(name), *(len(row[place]) for row in cells)]) for place, name in enumerate(names)]
    line = "+" + "".join("-" * width + "+" for width in widths) + "\n"

    def one(row: List[str]) -> str:
        texts = (
            text.rjust(width) if length > 0 else text.ljust(width) for text, width in zip(row, widths)
        )
        return "|" + "".join(text + "|" for text in texts) + "\n"

    return line + one(names) + line + "".join(one(row) for row in cells) + line + more


def _vertical(names: List[str], cells: List[List[str]]) -> str:
    """A line for each value. Both columns are as wide as their widest, and not below three."""
    width = max([3, *(len(name) for name in names)])
    value_width = max([3, *(len(value) for row in cells for value in row)])
    text = ""
    for number, row in enumerate(cells):
        text += f"-RECORD {number}".ljust(width + value_width + 5, "-") + "\n"
        text += "".join(f" {name.ljust(width)} | {value.ljust(value_width)} \n" for name, value in zip(names, row))
    return text


def table_html(table: pa.Table, schema: t.StructType, zone: str) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in schema.names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>"
        for row in _cells(table, schema, zone, 0)
    )
    return f"<table border='1'><tr>{head}</tr>{body}</table>"

# SPDX-License-Identifier: Apache-2.0
"""Functions of arrays, maps, structs and JSON."""

import json
from typing import Any, Callable, Mapping, Optional

from holdfast.errors import not_offered
from holdfast.sql.column import Column, column_of, operand
from holdfast.sql.expression import Node, Struct, call
from holdfast.sql.functions.define import COLUMN, COLUMNS, COUNT, VALUE, function
from holdfast.sql.literal import literal

array_contains = function("array_contains", col=COLUMN, value=VALUE)
array_distinct = function("array_distinct", col=COLUMN)
array_max = function("array_max", col=COLUMN)
array_min = function("array_min", col=COLUMN)
array_size = function("array_size", col=COLUMN)
cardinality = function("cardinality", col=COLUMN)
element_at = function("element_at", col=COLUMN, extraction=VALUE)
get = function("get", col=COLUMN, index=COUNT)
map_contains_key = function("map_contains_key", col=COLUMN, value=VALUE)
map_keys = function("map_keys", col=COLUMN)
map_values = function("map_values", col=COLUMN)
named_struct = function("named_struct", cols=COLUMNS)
size = function("size", col=COLUMN)


def _nodes(cols: tuple) -> list:
    """The columns, which may also stand in one list or set."""
    many = cols[0] if len(cols) == 1 and isinstance(cols[0], (list, set)) else cols
    return [column_of(one)._node for one in many]


def array(*cols: Any) -> Column:
    """An array of the columns' values."""
    return Column(call("array", *_nodes(cols)))


def struct(*cols: Any) -> Column:
    """A struct of the columns' values, whose fields have the columns' names."""
    return Column(Struct(_nodes(cols)))


def create_map(*cols: Any) -> Column:
    """A map of a key and a value, and so on."""
    return Column(call("map", *_nodes(cols)))


def array_sort(col: "Column | str", comparator: Optional[Callable[[Column, Column], Column]] = None) -> Column:
    """The array in order, nulls last."""
    if comparator is not None:
        raise not_offered("array_sort with a comparator", "Sort in the stateful processor.")
    return Column(call("array_sort", column_of(col)._node))


def sort_array(col: "Column | str", asc: bool = True) -> Column:
    """The array in order, or the other way round."""
    return Column(call("sort_array", column_of(col)._node, literal(asc)))


def array_join(col: "Column | str", delimiter: str, null_replacement: Optional[str] = None) -> Column:
    """The elements as one text."""
    more = [] if null_replacement is None else [literal(null_replacement)]
    return Column(call("array_join", column_of(col)._node, literal(delimiter), *more))


def _options(options: Optional[Mapping[str, Any]]) -> list:
    """The options as the arguments that SQL has for them: none, or a map."""
    if not options:
        return []
    texts = [text for key, value in options.items() for text in (key, _option_text(value))]
    return [call("map", *(literal(text) for text in texts))]


def _option_text(value: Any) -> Optional[str]:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_json(col: "Column | str", schema: Any, options: Optional[Mapping[str, str]] = None) -> Column:
    """The value that a JSON text has by this schema: a type, DDL text or a Column that gives it."""
    return Column(call("from_json", column_of(col)._node, _schema(schema), *_options(options)))


def _schema(schema: Any) -> Node:
    from holdfast.sql.ddl import fields_to_ddl, type_to_sql
    from holdfast.sql.types import StructType, as_type, type_of_json

    if isinstance(schema, Column) or (isinstance(schema, str) and not schema.lstrip().startswith(("{", '"'))):
        return operand(schema)
    # A text may also be the JSON of a type.
    known = type_of_json(json.loads(schema)) if isinstance(schema, str) else as_type(schema, "schema")
    return literal(fields_to_ddl(known) if isinstance(known, StructType) else type_to_sql(known))


def to_json(col: "Column | str", options: Optional[Mapping[str, Any]] = None) -> Column:
    """The struct, array or map as a JSON text."""
    return Column(call("to_json", column_of(col)._node, *_options(options)))

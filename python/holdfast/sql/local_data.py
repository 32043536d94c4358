# SPDX-License-Identifier: Apache-2.0
"""createDataFrame: rows of the program as an Arrow table."""

import datetime
from decimal import Decimal
from typing import Any, Dict, List, Optional, Tuple

import pyarrow as pa

from holdfast.errors import PySparkTypeError, PySparkValueError
from holdfast.sql import types as t
from holdfast.sql.arrow_types import to_arrow_schema

Made = Tuple[Any, Optional[t.StructType]]


def to_arrow(data: Any, schema: Any, zone: str, verify: bool) -> Made:
    """The rows, and their schema where it is not the Arrow table's own."""
    if isinstance(data, (pa.Table, pa.RecordBatch)):
        table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
        return (table if schema is None else _renamed(table, schema)), None
    if type(data).__module__.split(".")[0] == "pandas" and hasattr(data, "columns"):
        return _of_pandas(data, schema, zone), None
    rows = list(data)
    names = schema if isinstance(schema, (list, tuple)) else None
    struct = None if schema is None or names is not None else t.as_type(schema)
    if struct is not None and not isinstance(struct, t.StructType):
        struct, rows = t.StructType([t.StructField("value", struct)]), [(row,) for row in rows]
    if struct is None:
        struct, rows = _inferred(rows, names)
    columns = [_column(rows, place, field) for place, field in enumerate(struct.fields)]
    return pa.table(columns, schema=to_arrow_schema(struct)), struct


def _is_named(row: Any) -> bool:
    """Whether it is a Row with names, of this package or of PySpark."""
    return isinstance(row, tuple) and hasattr(row, "__fields__")


def _values_of(row: Any, names: List[str]) -> Tuple[Any, ...]:
    if isinstance(row, dict):
        return tuple(row.get(name) for name in names)
    if _is_named(row) and set(row.__fields__) == set(names):
        return tuple(row[name] for name in names)
    if isinstance(row, (tuple, list)):
        return tuple(row)
    if hasattr(row, "__dict__"):
        return tuple(row.__dict__.get(name) for name in names)
    raise PySparkTypeError(f"A row is a tuple, list, dict or Row, but got {row!r} of type {type(row).__name__}.")


def _column(rows: List[Any], place: int, field: t.StructField) -> pa.Array:
    kind = to_arrow_schema(t.StructType([field])).field(0).type
    names = [field.name]
    values = []
    for row in rows:
        if isinstance(row, dict):
            value = row.get(field.name)
        elif _is_named(row) and field.name in row.__fields__:
            value = row[field.name]
        else:
            given = _values_of(row, names)
            if place >= len(given):
                raise PySparkValueError(
                    f"A row has {len(given)} values, but the schema has more fields: {row!r}",
                    errorClass="LENGTH_SHOULD_BE_THE_SAME",
                )
            value = given[place]
        values.append(_plain(value, field.dataType))
    try:
        return pa.array(values, type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, ValueError) as why:
        raise PySparkTypeError(
            f"The field {field.name} is {field.dataType.simpleString()}, and not all of its values are: {why}",
            errorClass="FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME",
        ) from why


def _plain(value: Any, kind: t.DataType) -> Any:
    """As Arrow takes it. As in PySpark, datetimes without a zone are of the process's own, and a STRING takes
    numbers by their texts."""
    if value is None:
        return None
    if isinstance(kind, t.TimestampType) and isinstance(value, datetime.datetime) and value.tzinfo is None:
        return value.astimezone(datetime.timezone.utc)
    if isinstance(kind, t.StructType):
        given = _values_of(value, kind.names)
        return {one.name: _plain(each, one.dataType) for one, each in zip(kind.fields, given)}
    if isinstance(kind, t.ArrayType):
        return [_plain(each, kind.elementType) for each in value]
    if isinstance(kind, t.MapType):
        return [(_plain(key, kind.keyType), _plain(one, kind.valueType)) for key, one in value.items()]
    if isinstance(kind, (t.DoubleType, t.FloatType)) and isinstance(value, int) and not isinstance(value, bool):
        raise PySparkTypeError(
            f"{kind.simpleString()} can not accept object {value!r} in type int: write {value}.0.",
            errorClass="CANNOT_ACCEPT_OBJECT_IN_TYPE",
        )
    if isinstance(kind, t.StringType) and isinstance(value, (int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _inferred(rows: List[Any], names: Any) -> Tuple[t.StructType, List[Any]]:
    if not rows:
        raise PySparkValueError(errorClass="CANNOT_INFER_EMPTY_SCHEMA", messageParameters={})
    first = rows[0]
    if isinstance(first, dict):
        seen: Dict[str, Any] = {}
        for row in rows:
            seen.update(dict.fromkeys(row))
        found = names or list(seen)
    elif hasattr(first, "__fields__"):
        found = names or list(first.__fields__)
        if names:
            rows = [tuple(row) for row in rows]
    elif isinstance(first, (tuple, list)):
        found = names or [f"_{place + 1}" for place in range(max(len(row) for row in rows))]
    else:
        raise PySparkTypeError(
            f"The schema of rows such as {first!r} cannot be inferred.", errorClass="CANNOT_INFER_SCHEMA_FOR_TYPE"
        )
    values = [_values_of(row, found) for row in rows]
    fields = [t.StructField(str(name), _type_of([row[place] if place < len(row) else None for row in values]), True)
              for place, name in enumerate(found)]  # fmt: skip
    return t.StructType(fields), values


def _type_of(values: List[Any]) -> t.DataType:
    """The type of the values that are not null, which all must have the same."""
    found: Optional[t.DataType] = None
    for value in values:
        if value is not None:
            kind = type_of_value(value)
            if found is not None and found != kind:
                raise PySparkTypeError(
                    f"Can not merge type {type(found).__name__} and {type(kind).__name__}.",
                    errorClass="CANNOT_MERGE_TYPE",
                )
            found = kind
    return found or t.NullType()


def type_of_value(value: Any) -> t.DataType:
    """The type that PySpark infers for a Python value."""
    simple = {bool: t.BooleanType, int: t.LongType, float: t.DoubleType, str: t.StringType, bytes: t.BinaryType,
              bytearray: t.BinaryType, datetime.date: t.DateType, datetime.datetime: t.TimestampType}  # fmt: skip
    if type(value) in simple:
        return simple[type(value)]()
    if isinstance(value, datetime.datetime):
        return t.TimestampType()
    if isinstance(value, Decimal):
        return t.DecimalType(38, 18)
    if isinstance(value, tuple) and hasattr(value, "__fields__"):
        return t.StructType([t.StructField(n, type_of_value(v), True) for n, v in zip(value.__fields__, tuple(value))])
    if isinstance(value, tuple):
        return t.StructType([t.StructField(f"_{i + 1}", type_of_value(v), True) for i, v in enumerate(value)])
    if isinstance(value, list):
        return t.ArrayType(_type_of(value), True)
    if isinstance(value, dict):
        return t.MapType(_type_of(list(value)), _type_of(list(value.values())), True)
    if value is None:
        return t.NullType()
    if hasattr(value, "item"):
        return type_of_value(value.item())
    raise PySparkTypeError(
        f"{type(value).__name__} is not supported as a value of a row: {value!r}", errorClass="UNSUPPORTED_DATA_TYPE"
    )


def _of_pandas(frame: Any, schema: Any, zone: str) -> pa.Table:
    from holdfast.sql.streaming.pandas_output import PandasOutput

    frame = frame.copy(deep=False)
    if isinstance(schema, (list, tuple)):
        frame.columns = list(schema)
        schema = None
    frame.columns = [str(name) for name in frame.columns]
    if schema is None:
        return _zoned(pa.Table.from_pandas(frame, preserve_index=False), zone)
    struct = t.as_type(schema)
    assert isinstance(struct, t.StructType)
    frame.columns = struct.names
    output = PandasOutput(to_arrow_schema(struct), zone)
    output.add(iter([frame]))
    made = output.take()
    return to_arrow_schema(struct).empty_table() if made is None else made


def _zoned(table: pa.Table, zone: str) -> pa.Table:
    """Timestamps of pandas without a zone are the session's."""
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            column = table.column(place).cast(pa.timestamp("us", tz=field.type.tz))
            if field.type.tz is None:
                column = pc.assume_timezone(column, zone, ambiguous="earliest")
            table = table.set_column(place, field.name, column.cast(pa.timestamp("us", tz="UTC")))
    return table.replace_schema_metadata(None)


def _renamed(table: pa.Table, schema: Any) -> pa.Table:
    if isinstance(schema, (list, tuple)):
        return table.rename_columns(list(schema))
    struct = t.as_type(schema)
    assert isinstance(struct, t.StructType)
    return table.rename_columns(struct.names).cast(to_arrow_schema(struct))

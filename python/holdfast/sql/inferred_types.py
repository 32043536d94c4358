# SPDX-License-Identifier: Apache-2.0
"""The types of rows that come without a schema, by PySpark's rules."""

import datetime
import decimal
from typing import Any, Iterable, List, Optional, Sequence, Tuple

from holdfast.errors import PySparkIndexError, PySparkTypeError, PySparkValueError
from holdfast.sql import types as t

_SIMPLE = {
    type(None): t.NullType,
    bool: t.BooleanType,
    int: t.LongType,
    float: t.DoubleType,
    str: t.StringType,
    bytes: t.BinaryType,
    bytearray: t.BinaryType,
    datetime.date: t.DateType,
    datetime.datetime: t.TimestampType,
}


def inferred(rows: Sequence[Any], names: Optional[Sequence[str]] = None) -> t.StructType:
    """The schema of all rows. `names` are for tuples; other rows have names of their own."""
    if not rows:
        raise PySparkValueError(errorClass="CANNOT_INFER_EMPTY_SCHEMA", messageParameters={})
    made: t.DataType = t.NullType()
    for row in rows:
        made = merged(made, _type_of_row(row, names))
    assert isinstance(made, t.StructType)
    if _has_nulls_only(made):
        raise PySparkValueError(errorClass="CANNOT_DETERMINE_TYPE", messageParameters={})
    if names is not None and len(names) > len(made):
        raise PySparkIndexError(
            f"createDataFrame got {len(names)} names for {len(made)} columns: {', '.join(names)}.",
            errorClass="INDEX_OUT_OF_RANGE",
        )
    return made


def _type_of_row(row: Any, names: Optional[Sequence[str]] = None) -> t.StructType:
    fields = []
    for name, value in _items(row, names):
        try:
            fields.append(t.StructField(name, type_of_value(value)))
        except TypeError as why:
            raise PySparkTypeError(
                errorClass="CANNOT_INFER_TYPE_FOR_FIELD", messageParameters={"field_name": str(name)}
            ) from why
    return t.StructType(fields)


def _items(row: Any, names: Optional[Sequence[str]]) -> Iterable[Tuple[str, Any]]:
    """Names and values; those of dicts and objects by the alphabet."""
    if isinstance(row, dict):
        return sorted(row.items())
    if isinstance(row, (tuple, list)):
        own = getattr(row, "__fields__", None) or getattr(row, "_fields", None)
        given: List[str] = list(own or names or ())
        return zip([*given, *(f"_{place + 1}" for place in range(len(given), len(row)))], tuple(row))
    if hasattr(row, "__dict__"):
        return sorted(row.__dict__.items())
    raise PySparkTypeError(
        errorClass="CANNOT_INFER_SCHEMA_FOR_TYPE", messageParameters={"data_type": type(row).__name__}
    )


def type_of_value(value: Any) -> t.DataType:
    """The type of one value; what is null in it is of the type VOID."""
    if type(value) in _SIMPLE:
        return _SIMPLE[type(value)]()
    if isinstance(value, datetime.datetime):
        return t.TimestampType()
    if isinstance(value, decimal.Decimal):
        return t.DecimalType(38, 18)
    if isinstance(value, dict):
        return t.MapType(_common(value), _common(value.values()), True)
    if isinstance(value, list):
        return t.ArrayType(_common(value), True)
    if hasattr(value, "dtype") and hasattr(value, "item"):  # a scalar of numpy
        return type_of_value(value.item())
    try:
        return _type_of_row(value)
    except PySparkTypeError as why:
        raise PySparkTypeError(
            errorClass="UNSUPPORTED_DATA_TYPE", messageParameters={"data_type": type(value).__name__}
        ) from why


def _common(values: Iterable[Any]) -> t.DataType:
    made: t.DataType = t.NullType()
    for value in values:
        made = merged(made, type_of_value(value))
    return made


def merged(one: t.DataType, other: t.DataType) -> t.DataType:
    """The type of columns that hold values of both. Beside a text everything atomic becomes text."""
    if isinstance(one, t.NullType):
        return other
    if isinstance(other, t.NullType):
        return one
    if isinstance(one, t.AtomicType) and isinstance(other, t.StringType):
        return other
    if isinstance(one, t.StringType) and isinstance(other, t.AtomicType):
        return one
    if type(one) is not type(other):
        raise PySparkTypeError(
            errorClass="CANNOT_MERGE_TYPE",
            messageParameters={"data_type1": type(one).__name__, "data_type2": type(other).__name__},
        )
    if isinstance(one, t.StructType) and isinstance(other, t.StructType):
        theirs = {field.name: field.dataType for field in other.fields}
        fields = [t.StructField(f.name, merged(f.dataType, theirs.pop(f.name, t.NullType()))) for f in one.fields]
        return t.StructType([*fields, *(t.StructField(name, kind) for name, kind in theirs.items())])
    if isinstance(one, t.ArrayType) and isinstance(other, t.ArrayType):
        return t.ArrayType(merged(one.elementType, other.elementType), True)
    if isinstance(one, t.MapType) and isinstance(other, t.MapType):
        return t.MapType(merged(one.keyType, other.keyType), merged(one.valueType, other.valueType), True)
    return one


def _has_nulls_only(kind: t.DataType) -> bool:
    """Whether there is a place in the type where no value ever was."""
    if isinstance(kind, t.StructType):
        return any(_has_nulls_only(one.dataType) for one in kind.fields)
    if isinstance(kind, t.ArrayType):
        return _has_nulls_only(kind.elementType)
    if isinstance(kind, t.MapType):
        return _has_nulls_only(kind.keyType) or _has_nulls_only(kind.valueType)
    return isinstance(kind, t.NullType)

# SPDX-License-Identifier: Apache-2.0
"""createDataFrame: rows of the program as an Arrow table."""

import datetime
import decimal
from typing import Any, Callable, Optional, Tuple

import pyarrow as pa

from holdfast.errors import ArithmeticException, PySparkTypeError, PySparkValueError
from holdfast.sql import types as t
from holdfast.sql.arrow_types import to_arrow_schema
from holdfast.sql.inferred_types import inferred
from holdfast.sql.row_checks import checker

Made = Tuple[Any, Optional[t.StructType]]


def to_arrow(data: Any, schema: Any, zone: str, verify: bool) -> Made:
    """The rows, and their schema where it is not the Arrow table's own."""
    if isinstance(data, (pa.Table, pa.RecordBatch)):
        table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
        return (table if schema is None else _renamed(table, schema)), None
    if type(data).__module__.split(".")[0] == "pandas" and hasattr(data, "columns"):
        return _of_pandas(data, schema, zone), None
    rows = list(data)
    if schema is None or isinstance(schema, (list, tuple)):
        struct, convert = _inferred(rows, schema)
    else:
        known = t.as_type(schema)
        if verify:
            check = checker(known, True, "" if isinstance(known, t.StructType) else "field value")
            for row in rows:
                check(row)
        if isinstance(known, t.StructType):
            struct = known
        else:
            struct, rows = t.StructType([t.StructField("value", known)]), [(row,) for row in rows]
        convert = _to_tuple(struct)
    values = [convert(row) for row in rows]
    columns = [_column([row[place] for row in values], field) for place, field in enumerate(struct.fields)]
    return pa.table(columns, schema=to_arrow_schema(struct)), struct


Convert = Callable[[Any], Any]


def _inferred(rows: list, names: Any) -> Tuple[t.StructType, Convert]:
    """The schema by the given names, and how a row is read, which is by the names it has itself."""
    own = inferred(rows, names)
    fields = list(own.fields)
    for place, name in enumerate(names or ()):
        fields[place] = t.StructField(name, fields[place].dataType)
    return t.StructType(fields), _to_tuple(own)


def _to_tuple(struct: t.StructType) -> Convert:
    """Tuples, lists and Rows go to the fields by place, dicts and objects by name."""
    names = struct.names
    converts = [_converter(one.dataType) for one in struct.fields]

    def convert(row: Any) -> Tuple[Any, ...]:
        if isinstance(row, (tuple, list)):
            if len(row) != len(names):
                raise PySparkValueError(
                    errorClass="FIELD_STRUCT_LENGTH_MISMATCH",
                    messageParameters={"object_length": str(len(row)), "field_length": str(len(names))},
                )
            return tuple(each(value) for each, value in zip(converts, row))
        by_name = row if isinstance(row, dict) else getattr(row, "__dict__", None)
        if by_name is None:
            raise PySparkTypeError(
                f"A row is a tuple, list, dict or object, but got {row!r} of the class {type(row).__name__}.",
                errorClass="UNSUPPORTED_DATA_TYPE",
            )
        return tuple(each(by_name.get(name)) for each, name in zip(converts, names))

    return convert


def _converter(kind: t.DataType) -> Convert:
    """Makes of a value what Arrow takes for this type."""
    convert = _of_value(kind)
    return lambda value: None if value is None else convert(value)


def _of_value(kind: t.DataType) -> Convert:
    if isinstance(kind, t.StructType):
        to_tuple, names = _to_tuple(kind), kind.names
        return lambda value: dict(zip(names, to_tuple(value)))
    if isinstance(kind, t.ArrayType):
        element = _converter(kind.elementType)
        return lambda value: [element(one) for one in value]
    if isinstance(kind, t.MapType):
        key, other = _converter(kind.keyType), _converter(kind.valueType)
        return lambda value: [(key(one), other(two)) for one, two in value.items()]
    if isinstance(kind, t.StringType):
        return lambda value: str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(kind, t.DateType):
        return lambda value: value.date() if isinstance(value, datetime.datetime) else value
    if isinstance(kind, t.TimestampType):
        return _instant
    if isinstance(kind, t.DecimalType):
        return _rounder(kind)
    if isinstance(kind, (t.DoubleType, t.FloatType)):
        return _float
    return lambda value: value


def _instant(value: Any) -> Any:
    """As in PySpark, a datetime without a zone is of the process's own."""
    is_naive = isinstance(value, datetime.datetime) and value.tzinfo is None
    return value.astimezone(datetime.timezone.utc) if is_naive else value


def _float(value: Any) -> Any:
    if isinstance(value, int):
        raise PySparkTypeError(f"A floating-point column does not take the {type(value).__name__} {value!r}.")
    return value


def _rounder(kind: t.DecimalType) -> Convert:
    unit = decimal.Decimal(1).scaleb(-kind.scale)
    context = decimal.Context(prec=100, rounding=decimal.ROUND_HALF_UP)

    def rounded(value: Any) -> Any:
        if not isinstance(value, decimal.Decimal):
            return value
        if value.is_nan():
            return None
        made = value.quantize(unit, context=context) if value.is_finite() and value.adjusted() < 40 else value
        if not made.is_finite() or made.adjusted() + 1 > kind.precision - kind.scale and made:
            raise ArithmeticException(
                f"The number {value} cannot be represented as {kind.simpleString()}.",
                errorClass="NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION",
            )
        return made

    return rounded


def _column(values: list, field: t.StructField) -> pa.Array:
    try:
        return pa.array(values, type=to_arrow_schema(t.StructType([field])).field(0).type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, ValueError) as why:
        raise PySparkTypeError(
            f"The field {field.name} is {field.dataType.simpleString()}, and not all of its values are: {why}",
            errorClass="FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME",
        ) from why


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
    """Timestamps of pandas without a zone are the session's; of an hour that clocks show twice, the later one."""
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            column = table.column(place).cast(pa.timestamp("us", tz=field.type.tz))
            if field.type.tz is None:
                column = pc.assume_timezone(column, zone, ambiguous="latest")
            table = table.set_column(place, field.name, column.cast(pa.timestamp("us", tz="UTC")))
    return table.replace_schema_metadata(None)


def _renamed(table: pa.Table, schema: Any) -> pa.Table:
    if isinstance(schema, (list, tuple)):
        return table.rename_columns(list(schema))
    struct = t.as_type(schema)
    assert isinstance(struct, t.StructType)
    return table.rename_columns(struct.names).cast(to_arrow_schema(struct))

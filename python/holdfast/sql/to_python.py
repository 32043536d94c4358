# SPDX-License-Identifier: Apache-2.0
"""Arrow tables as Rows and as pandas DataFrames, by the rules of PySpark's collect and toPandas.

Timestamps are naive datetimes: of the process's own zone in Rows, of the session's in pandas. In Rows structs are Rows
and arrays lists, in pandas structs are dicts and arrays ndarrays.
"""

from typing import Any, Callable, List, Optional

import pyarrow as pa

from holdfast.sql import types as t
from holdfast.sql.row import row_class

Convert = Callable[[Any], Any]


def rows_of(table: pa.Table, schema: t.StructType, zone: Optional[str]) -> List[Any]:
    """One Row a row. Timestamps are wall clocks of `zone`; None: of the process's own."""
    made = row_class(schema.names)
    columns = [_values(column, one.dataType, zone) for column, one in zip(table.columns, schema.fields)]
    if not columns:
        return [tuple.__new__(made, ()) for _ in range(table.num_rows)]
    return [tuple.__new__(made, values) for values in zip(*columns)]


def _values(column: pa.ChunkedArray, kind: t.DataType, zone: Optional[str]) -> List[Any]:
    values = column.to_pylist()
    convert = _converter(kind, zone)
    return values if convert is None else [None if value is None else convert(value) for value in values]


def _converter(kind: t.DataType, zone: Optional[str]) -> Optional[Convert]:
    """What is to be done with what Arrow gives; None: nothing."""
    if isinstance(kind, t.TimestampType):
        return _clock_of(zone)
    if isinstance(kind, t.ArrayType):
        element = _or_itself(_converter(kind.elementType, zone))
        return lambda values: [element(value) for value in values]
    if isinstance(kind, t.MapType):
        key = _or_itself(_converter(kind.keyType, zone))
        value_of = _or_itself(_converter(kind.valueType, zone))
        return lambda entries: {key(one): value_of(other) for one, other in entries}
    if isinstance(kind, t.StructType):
        made = row_class(kind.names)
        fields = [_or_itself(_converter(one.dataType, zone)) for one in kind.fields]
        names = kind.names
        return lambda value: tuple.__new__(made, [field(value[name]) for field, name in zip(fields, names)])
    return None


def _or_itself(convert: Optional[Convert]) -> Convert:
    if convert is None:
        return lambda value: value
    return lambda value: None if value is None else convert(value)


def _clock_of(zone: Optional[str]) -> Convert:
    from holdfast.sql.time_zone import arrow_zone

    tzinfo = None if zone is None else arrow_zone(zone)
    return lambda moment: moment.astimezone(tzinfo).replace(tzinfo=None)


def to_pandas(table: pa.Table, schema: t.StructType, zone: str) -> Any:
    import pandas as pd

    from holdfast.sql.streaming.pandas_chunks import nested

    unit = "datetime64[ns]" if int(pd.__version__.split(".")[0]) < 3 else "datetime64[us]"
    columns = {}
    for number, (column, one) in enumerate(zip(table.columns, schema.fields)):
        if isinstance(one.dataType, t.TimestampType):
            columns[number] = column.to_pandas().dt.tz_convert(zone).dt.tz_localize(None).astype(unit)
        elif isinstance(one.dataType, t.TimestampNTZType):
            columns[number] = column.to_pandas().astype(unit)
        elif isinstance(one.dataType, (t.StructType, t.ArrayType, t.MapType)):
            columns[number] = pd.Series(nested(column, zone, integers_as_objects=False), dtype=object)
        else:
            columns[number] = column.to_pandas(date_as_object=True)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    frame.columns = schema.names
    return frame

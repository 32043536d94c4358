# SPDX-License-Identifier: Apache-2.0
"""fillna and dropna. For both a NaN of a FLOAT or DOUBLE is missing as a null is."""

from typing import Any, Dict, List, Optional

from holdfast.errors import PySparkTypeError, PySparkValueError
from holdfast.sql import functions
from holdfast.sql.column import Column, field_column
from holdfast.sql.types import BooleanType, DataType, DoubleType, FloatType, NumericType, StringType


def _takes(value: Any, kind: DataType) -> bool:
    if isinstance(value, bool):
        return isinstance(kind, BooleanType)
    if isinstance(value, (int, float)):
        return isinstance(kind, NumericType)
    return isinstance(kind, StringType)


def _without_nan(name: str, kind: DataType) -> Column:
    """The column, null where it is NaN."""
    column = field_column(name)
    is_float = isinstance(kind, (FloatType, DoubleType))
    return functions.nanvl(column, functions.lit(None).cast(kind)) if is_float else column


def filled(frame: Any, value: Any, subset: Any) -> Any:
    """What is missing replaced by a value, in the columns whose type it has."""
    if not isinstance(value, (bool, int, float, str, dict)) or value == {}:
        raise _wrong("value", "bool, dict, float, int or str", value)
    by_name: Dict[str, Any] = value if isinstance(value, dict) else dict.fromkeys(_names(frame, subset), value)
    for given, one in by_name.items():
        name = frame._resolve(given)
        field = frame.schema[name]
        if isinstance(value, dict) or _takes(one, field.dataType):
            there = _without_nan(name, field.dataType)
            column = functions.coalesce(there, functions.lit(one).cast(field.dataType))
            frame = frame.withColumn(name, column.alias(name, metadata=field.metadata))
    return frame


def without_nulls(frame: Any, how: Optional[str], thresh: Optional[int], subset: Any) -> Any:
    """Without the rows in which any (or all) of these columns are missing, or fewer than `thresh` are there."""
    if how is not None and how not in ("any", "all"):
        raise PySparkValueError(
            errorClass="VALUE_NOT_ALLOWED", messageParameters={"arg_name": "how", "allowed_values": "['any', 'all']"}
        )
    names = [frame._resolve(name) for name in _names(frame, subset)]
    needed = thresh if thresh is not None else len(names) if how == "any" else 1
    if not names or needed <= 0:
        return frame
    there = [_without_nan(name, frame.schema[name].dataType).isNotNull() for name in names]
    if needed == len(names):
        together = there[0]
        for one in there[1:]:
            together = together & one
        return frame.filter(together)
    count = functions.lit(0)
    for one in there:
        count = count + functions.when(one, 1).otherwise(0)
    return frame.filter(count >= needed)


def _names(frame: Any, subset: Any) -> List[str]:
    if subset is None:
        return frame.columns
    if not isinstance(subset, (str, list, tuple)):
        raise _wrong("subset", "list, str or tuple", subset)
    return [subset] if isinstance(subset, str) else list(subset)


def _wrong(name: str, expected: str, given: Any) -> PySparkTypeError:
    return PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={"expected_type": expected, "arg_name": name, "arg_type": type(given).__name__},
    )


class MissingValues:
    """DataFrame.na."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def fill(self, value: Any, subset: Any = None) -> Any:
        return filled(self._frame, value, subset)

    def drop(self, how: str = "any", thresh: Optional[int] = None, subset: Any = None) -> Any:
        return without_nulls(self._frame, how, thresh, subset)

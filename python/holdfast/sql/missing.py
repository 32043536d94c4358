# SPDX-License-Identifier: Apache-2.0
"""fillna and dropna."""

from typing import Any, Dict, List, Optional

from holdfast.errors import not_offered
from holdfast.sql import functions
from holdfast.sql.column import field_column
from holdfast.sql.types import BooleanType, NumericType, StringType


def _takes(value: Any, kind: Any) -> bool:
    if isinstance(value, bool):
        return isinstance(kind, BooleanType)
    if isinstance(value, (int, float)):
        return isinstance(kind, NumericType)
    return isinstance(kind, StringType)


def filled(frame: Any, value: Any, subset: Any) -> Any:
    """Nulls replaced by a value, in the columns whose type it has."""
    values: Dict[str, Any] = value if isinstance(value, dict) else {
        name: value for name in _names(frame, subset)
    }  # fmt: skip
    for name, one in values.items():
        name = frame._resolve(name)
        kind = frame.schema[name].dataType
        if isinstance(value, dict) or _takes(one, kind):
            column = functions.coalesce(field_column(name), functions.lit(one).cast(kind))
            frame = frame.withColumn(name, column)
    return frame


def without_nulls(frame: Any, how: str, thresh: Optional[int], subset: Any) -> Any:
    """Without the rows in which any (or all) of these columns are null."""
    if thresh is not None:
        raise not_offered("DataFrame.dropna with thresh")
    tests = [field_column(name).isNotNull() for name in _names(frame, subset)]
    together = tests[0]
    for test in tests[1:]:
        together = together & test if how == "any" else together | test
    return frame.filter(together)


def _names(frame: Any, subset: Any) -> List[str]:
    if subset is None:
        return frame.columns
    return [subset] if isinstance(subset, str) else list(subset)


class MissingValues:
    """DataFrame.na."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def fill(self, value: Any, subset: Any = None) -> Any:
        return filled(self._frame, value, subset)

    def drop(self, how: str = "any", thresh: Optional[int] = None, subset: Any = None) -> Any:
        return without_nulls(self._frame, how, thresh, subset)

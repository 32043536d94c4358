# SPDX-License-Identifier: Apache-2.0
"""Rows that user code puts out, on their way to Arrow columns.

The values of a column are kept in a list and become an Arrow array together: by Arrow's own rules for Python objects,
which are those that a PySpark worker applies to the rows of one key.
"""

import datetime
from decimal import Decimal
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import pyarrow as pa

from holdfast.errors import PySparkTypeError
from holdfast.sql.streaming.arrow_guards import guard_of

ROWS_AT_ONCE = 65_536

_CANNOT_CHANGE = frozenset((type(None), bool, int, float, str, bytes, Decimal, datetime.date, datetime.datetime))


class RowOutput:
    """Takes Rows; gives Arrow tables of the output's schema."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._names: List[str] = schema.names
        self._columns: List[List[Any]] = [[] for _ in schema]
        self._places: Dict[Tuple[str, ...], Sequence[Optional[int]]] = {}
        self._count = 0
        self._keys: List[Tuple[int, Any]] = []  # each with the number of its first row

    def add(self, rows: Iterator[Any], key: Any) -> None:
        """Takes rows to the end of the iterator, those of a key. Fields are told by name; one that is missing is
        null."""
        columns = self._columns
        self._keys.append((self._count, key))
        for row in rows:
            for column, place in zip(columns, self._places_of(row)):
                column.append(None if place is None else _plain(row[place]))
            self._count += 1

    def _places_of(self, row: Any) -> Sequence[Optional[int]]:
        fields = getattr(row, "__fields__", None)
        if fields is None or not isinstance(row, tuple):
            raise PySparkTypeError(
                f"A processor must put out Rows with field names, such as Row({self._names[0]}=...), but put out "
                f"{row!r} of type {type(row).__name__}."
            )
        names = tuple(fields)
        places = self._places.get(names)
        if places is None:
            places = [names.index(name) if name in names else None for name in self._names]
            self._places[names] = places
        return places

    def take_if_large(self) -> Optional[pa.Table]:
        return self.take() if self._count >= ROWS_AT_ONCE else None

    def take(self) -> Optional[pa.Table]:
        """What was added since the last time; None when that is nothing."""
        if self._count == 0:
            return None
        arrays = [self._array(field, values) for field, values in zip(self._schema, self._columns)]
        self._columns = [[] for _ in self._schema]
        self._count = 0
        self._keys = []
        return pa.table(arrays, schema=self._schema)

    def _array(self, field: pa.Field, values: List[Any]) -> pa.Array:
        try:
            return _converted(values, field.type)
        except (pa.ArrowInvalid, TypeError, pa.ArrowNotImplementedError, OverflowError, ValueError) as why:
            raise PySparkTypeError(
                f"The column {field.name} of the output is {field.type}, and {self._offender(field, values)}: {why}"
            ) from why

    def _offender(self, field: pa.Field, values: List[Any]) -> str:
        for number, value in enumerate(values):
            try:
                _converted([value], field.type)
            except Exception:
                key = [one for first, one in self._keys if first <= number][-1]
                return f"{value!r} of type {type(value).__name__} was put out for it, for the key {key!r}"
        return "not all that was put out for it fits"


def _converted(values: List[Any], kind: pa.DataType) -> pa.Array:
    guard = guard_of(kind)
    return pa.array(values if guard is None else [guard(value) for value in values], type=kind)


def _plain(value: Any) -> Any:
    """Rows within a row as dicts, which Arrow takes for structs. What user code may still change is copied."""
    if type(value) in _CANNOT_CHANGE:
        return value
    if isinstance(value, tuple) and hasattr(value, "__fields__"):
        return {name: _plain(one) for name, one in zip(value.__fields__, tuple(value))}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value.copy() if isinstance(value, (bytearray, set)) or type(value).__name__ == "ndarray" else value

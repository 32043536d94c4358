# SPDX-License-Identifier: Apache-2.0
"""DataFrames that user code puts out, on their way to Arrow columns.

A PySpark worker converts each frame by itself, which costs more than most processors do. Here the columns of all frames
are put together as long as their dtypes are the same, and converted by the same rules; a failure is looked for frame
by frame.
"""

from decimal import Decimal
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np
import pandas as pd
import pyarrow as pa

from holdfast.errors import PySparkTypeError, PySparkValueError
from holdfast.sql.streaming.arrow_guards import check_depth
from holdfast.sql.streaming.pandas_values import converter_of
from holdfast.sql.streaming.row_output import ROWS_AT_ONCE


class PandasOutput:
    """Takes DataFrames; gives Arrow tables of the output's schema."""

    def __init__(
        self, schema: pa.Schema, zone: str, int_to_decimal: bool = False, safe: bool = True, by_name: bool = True
    ) -> None:
        """`safe`: whether a value that does not fit is refused, rather than cut. `by_name`: whether names of columns
        count, where there are any; else their order does."""
        self._schema = schema
        self._int_to_decimal = int_to_decimal
        self._safe = safe
        self._by_name = by_name
        self._names: List[str] = schema.names
        self._zone = zone
        self._converters = [converter_of(field.type, zone) for field in schema]
        self._columns: List[List[Any]] = [[] for _ in schema]
        self._places: Dict[Tuple[Any, ...], Sequence[int]] = {}
        self._keys: List[Any] = []  # of the frames
        self._count = 0

    def add(self, frames: Iterator[pd.DataFrame], key: Any = None) -> None:
        """Takes frames to the end of the iterator, those of a key. Columns are told by name, as long as any name is a
        text."""
        for frame in frames:
            if not isinstance(frame, pd.DataFrame):
                raise PySparkValueError(
                    f"A processor must put out pandas DataFrames, but put out {frame!r} of type {type(frame).__name__}."
                )
            names = tuple(frame.columns)
            if not names:
                self._add_nulls(key, len(frame))
                continue
            places = self._places.get(names)
            if places is None:
                places = self._places_of(names)
                self._places[names] = places
            if len(frame) == 0:
                continue
            arrays = _arrays(frame)
            for number, place in enumerate(places):
                self._columns[number].append(self._owned(number, arrays[place], key))
            self._keys.append(key)
            self._count += len(frame)

    def _owned(self, number: int, values: Any, key: Any) -> Any:
        """Nothing is shared with the frame: user code may change it and put it out again."""
        convert = self._converters[number]
        if convert is None:
            return values.copy()
        made = np.empty(len(values), dtype=object)
        for place, value in enumerate(values if values.dtype == object else pd.Series(values)):
            try:
                made[place] = None if value is None else convert(value)
            except (TypeError, ValueError, AttributeError) as why:
                raise PySparkTypeError(self._refused(self._schema.field(number), values, key, why)) from why
        return made

    def _places_of(self, names: Tuple[Any, ...]) -> Sequence[int]:
        if not self._by_name or not any(isinstance(name, str) for name in names):
            if len(names) < len(self._names):
                raise PySparkValueError(
                    f"A processor put out a DataFrame with {len(names)} columns, but its output has "
                    f"{len(self._names)}: {', '.join(self._names)}."
                )
            return range(len(self._names))
        missing = [name for name in self._names if name not in names]
        if missing:
            raise KeyError(
                f"A processor put out a DataFrame without the column {', '.join(missing)}; it has "
                f"{', '.join(map(str, names))}, and the output is {', '.join(self._names)}."
            )
        return [names.index(name) for name in self._names]

    def _add_nulls(self, key: Any, count: int) -> None:
        if count:
            self._keys.append(key)
            for column in self._columns:
                column.append(np.full(count, None, dtype=object))
            self._count += count

    def take_if_large(self) -> Optional[pa.Table]:
        return self.take() if self._count >= ROWS_AT_ONCE else None

    def take(self) -> Optional[pa.Table]:
        """What was added since the last time; None when that is nothing."""
        if self._count == 0:
            return None
        arrays = [self._column(field, parts) for field, parts in zip(self._schema, self._columns)]
        self._columns = [[] for _ in self._schema]
        self._keys = []
        self._count = 0
        return pa.table(arrays, schema=self._schema)

    def _column(self, field: pa.Field, parts: List[Any]) -> pa.ChunkedArray:
        chunks = []
        begin = 0
        for end in range(1, len(parts) + 1):
            if end == len(parts) or parts[end].dtype != parts[begin].dtype:
                chunks.append(self._array(field, parts[begin:end], self._keys[begin:end]))
                begin = end
        return pa.chunked_array(chunks, type=field.type)

    def _array(self, field: pa.Field, parts: List[Any], keys: List[Any]) -> pa.Array:
        try:
            return self._converted(parts, field)
        except (pa.ArrowInvalid, TypeError, pa.ArrowNotImplementedError, OverflowError, ValueError) as why:
            part, key = self._offender(field, parts, keys)
            raise PySparkTypeError(self._refused(field, part, key, why)) from why

    def _offender(self, field: pa.Field, parts: List[Any], keys: List[Any]) -> Tuple[Any, Any]:
        """What was put out and does not fit, and its key; the first that was put out where each fits alone."""
        for part, key in zip(parts, keys):
            try:
                self._converted([part], field)
            except Exception:
                return part, key
        return parts[0], keys[0]

    @staticmethod
    def _refused(field: pa.Field, part: Any, key: Any, why: Exception) -> str:
        of_key = "" if key is None else f" was put out for the key {key!r}"
        return (
            f"Failed to convert the value of the output's column {field.name}, which is {field.type}: "
            f"a column of dtype {part.dtype} with {pd.Series(part[:3]).tolist()!r}{of_key}: {why}"
        )

    def _converted(self, parts: List[Any], field: pa.Field) -> pa.Array:
        values = _concatenated(parts)
        if self._int_to_decimal and pa.types.is_decimal(field.type) and pd.api.types.is_integer_dtype(values.dtype):
            values = values.map(Decimal)
        return _convert(values, field.type, self._zone, self._safe)


def _arrays(frame: pd.DataFrame) -> List[Any]:
    try:
        return frame._mgr.column_arrays  # one pass over the blocks instead of a Series for each column
    except AttributeError:
        return [frame.iloc[:, number].array for number in range(frame.shape[1])]


def _concatenated(parts: List[Any]) -> pd.Series:
    if len(parts) == 1:
        return pd.Series(parts[0])
    if isinstance(parts[0], np.ndarray):
        return pd.Series(np.concatenate(parts))
    return pd.concat([pd.Series(part) for part in parts], ignore_index=True)


def _convert(values: pd.Series, kind: pa.DataType, zone: str, safe: bool) -> pa.Array:
    """By the rules of PySpark's PandasToArrowConversion: what pandas holds for null is null; where Arrow refuses the
    values as they are, a cast is tried."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.dtype.categories.dtype)
    if pa.types.is_timestamp(kind) and kind.tz is not None and pd.api.types.is_datetime64_any_dtype(values.dtype):
        if values.dt.tz is None:
            values = values.dt.tz_localize(zone, ambiguous=False)
        values = values.dt.tz_convert("UTC")
    mask = None if hasattr(values.array, "__arrow_array__") else values.isnull()
    try:
        return pa.Array.from_pandas(values, mask=mask, type=kind, safe=safe)
    except pa.ArrowInvalid:
        if values.dtype == object:
            check_depth(values)
        return pa.Array.from_pandas(values, mask=mask).cast(kind, safe=safe)

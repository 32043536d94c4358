# SPDX-License-Identifier: Apache-2.0
"""The rows of a batch as the pandas DataFrames that user code gets, one or more for each key.

A PySpark worker gets the rows of a partition, ordered by key, in Arrow batches of so many rows; it turns each of them
into pandas, takes the rows out of it one by one, and makes a DataFrame of those of one key. So a column's values are
those of the whole Arrow batch (an integer is a float where any row of the batch is null), and its dtype is what pandas
infers from the values of the chunk (a 32-bit integer becomes int64).

The same frames come out here in another way: the Arrow batch is converted as a whole, its columns are given the dtypes
that pandas would infer, and a chunk is a slice of it. Only columns of Python objects other than texts are looked at
again, and with pandas 3 moments and texts that are null.
"""

from collections import namedtuple
from typing import Any, Dict, Iterator, List, Optional, Tuple

import numpy as np
import pandas as pd
import pyarrow as pa

_MOMENT = np.dtype("datetime64[ns]")  # as PySpark has them, under every version of pandas
# What pandas makes of a chunk that has nulls alone, of a moment and of a text.
_NO_MOMENT = pd.DataFrame([(pd.NaT,)])[0].dtype
_TEXT = pd.DataFrame([("",)])[0].dtype
_NO_TEXT = np.dtype(object) if _TEXT == object else np.dtype(np.float64)


class Blocks:
    """Rows in the order of their keys, in blocks of `rows_at_once`, each converted when somebody comes to it."""

    def __init__(
        self, rows: pa.Table, keys: Tuple[int, ...], zone: str, rows_at_once: int, rows_per_chunk: int
    ) -> None:
        """`keys`: the places of the grouping columns."""
        self._rows = rows
        self._keys = keys
        self._zone = zone
        self._rows_at_once = rows_at_once
        self._rows_per_chunk = rows_per_chunk
        self._block: Any = None
        self._first = 0
        self._last = 0

    def chunks(self, begin: int, end: int) -> Iterator[pd.DataFrame]:
        """The frames with rows `begin` to `end` - 1."""
        if end <= self._last and begin >= self._first and end - begin <= self._rows_per_chunk:
            # Nearly every key. Not a generator of its own: a list is quicker to make and to walk.
            return iter((self._block.chunk(begin - self._first, end - self._first),))
        return self._many(begin, end)

    def key(self, row: int) -> Tuple[Any, ...]:
        """The key of a row, with the values that pandas has for its columns: those that user code gets in PySpark."""
        self._load(row)
        return tuple(values[row - self._first] for values in self._block.keys)

    def _many(self, begin: int, end: int) -> Iterator[pd.DataFrame]:
        while begin < end:
            until = min(end, begin + self._rows_per_chunk)
            parts = []
            while begin < until:
                self._load(begin)
                to = min(until, self._last)
                parts.append(self._block.chunk(begin - self._first, to - self._first))
                begin = to
            yield parts[0] if len(parts) == 1 else _joined(parts)

    def _load(self, row: int) -> None:
        if self._first <= row < self._last:
            return
        self._first = row - row % self._rows_at_once
        self._last = min(self._first + self._rows_at_once, self._rows.num_rows)
        self._block = Block(self._rows.slice(self._first, self._last - self._first), self._keys, self._zone)


class Block:
    """A frame with the dtypes of chunks, and what is needed to cut it."""

    def __init__(self, rows: pa.Table, keys: Tuple[int, ...], zone: str) -> None:
        columns: Dict[int, Any] = {}
        self._inferred: List[int] = []
        self._of_nulls: List[Tuple[int, np.dtype]] = []
        for number, column in enumerate(rows.columns):
            columns[number], is_inferred = _converted(column, zone)
            if is_inferred:
                self._inferred.append(number)
            elif column.null_count and (dtype := _of_nulls(column.type)) is not None:
                self._of_nulls.append((number, dtype))
        self._frame = pd.DataFrame(columns, index=pd.RangeIndex(rows.num_rows))
        self.keys = [self._frame.iloc[:, place].tolist() for place in keys]
        # Rows come out of PySpark's frames as namedtuples, whose fields have other names where a name is no identifier.
        named: Any = namedtuple("Row", rows.column_names, rename=True)  # type: ignore[misc]
        self._frame.columns = pd.Index(named._fields)

    def chunk(self, begin: int, end: int) -> pd.DataFrame:
        frame = _cut(self._frame, begin, end)
        for number in self._inferred:
            frame.isetitem(number, _inferred(frame.iloc[:, number]))
        for number, dtype in self._of_nulls:
            if frame.iloc[:, number].isna().all():
                frame.isetitem(number, np.full(end - begin, None, dtype=dtype))
        return frame


def _converted(column: pa.ChunkedArray, zone: str) -> Tuple[Any, bool]:
    """A column's values, and whether each chunk's dtype has to be inferred from its own."""
    kind = column.type
    if pa.types.is_boolean(kind):
        return (_objects(column), True) if column.null_count else (_owned(column, np.bool_), False)
    if pa.types.is_integer(kind):
        return _owned(column, np.float64 if column.null_count else np.int64), False
    if pa.types.is_floating(kind):
        return _owned(column, np.float64), False
    if pa.types.is_timestamp(kind):
        return _moments(column, zone), False
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _objects(column), False
    return nested(column, zone), not pa.types.is_nested(kind)


def _of_nulls(kind: pa.DataType) -> Optional[np.dtype]:
    """The dtype of a chunk whose values are all null, where it is not that of other chunks."""
    if pa.types.is_timestamp(kind):
        return None if _NO_MOMENT == _MOMENT else _NO_MOMENT
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return None if _NO_TEXT == _TEXT else _NO_TEXT
    return None


def _owned(column: pa.ChunkedArray, dtype: Any) -> np.ndarray:
    """User code may write into its frames, so nothing is shared with Arrow."""
    return np.array(column.to_numpy(), dtype=dtype)


def _objects(column: pa.ChunkedArray) -> np.ndarray:
    return column.to_pandas(date_as_object=True, maps_as_pydicts="strict").to_numpy(dtype=object)


def nested(column: pa.ChunkedArray, zone: str, integers_as_objects: bool = True) -> np.ndarray:
    """Arrays as ndarray, structs and maps as dict; an array of integers holds objects where any of its column is null,
    or else doubles."""
    values = column.to_pandas(date_as_object=True, maps_as_pydicts="strict", integer_object_nulls=integers_as_objects)
    objects = values.to_numpy(dtype=object)
    if _is_plain(column.type):
        return objects
    made = np.empty(len(objects), dtype=object)
    for place, value in enumerate(objects):
        made[place] = _without_zones(value, column.type, zone)
    return made


def _is_plain(kind: pa.DataType) -> bool:
    """Whether values of this type are what Arrow makes of them."""
    if pa.types.is_list(kind):
        return not pa.types.is_struct(kind.value_type) and _is_plain(kind.value_type)
    if pa.types.is_struct(kind):
        return all(_is_plain(field.type) for field in kind)
    if pa.types.is_map(kind):
        return _is_plain(kind.key_type) and _is_plain(kind.item_type)
    return not pa.types.is_timestamp(kind)


def _without_zones(value: Any, kind: pa.DataType, zone: str) -> Any:
    """Moments within arrays, structs and maps as wall clocks of the session's zone."""
    if value is None or _is_plain(kind):
        return value
    if pa.types.is_timestamp(kind):
        moment = pd.Timestamp(value)
        if kind.tz is None or moment is pd.NaT:
            return moment
        in_utc = moment.tz_localize("UTC") if moment.tz is None else moment
        return in_utc.tz_convert(zone).tz_localize(None)
    if pa.types.is_list(kind):
        elements = [_without_zones(one, kind.value_type, zone) for one in value]
        made = np.empty(len(elements), dtype=object if elements else np.float64)  # as numpy makes an array of no objects
        made[:] = elements
        return made
    if pa.types.is_struct(kind):
        return {field.name: _without_zones(value[field.name], field.type, zone) for field in kind}
    return {
        _without_zones(key, kind.key_type, zone): _without_zones(one, kind.item_type, zone)
        for key, one in value.items()
    }


def _moments(column: pa.ChunkedArray, zone: str) -> pd.Series:
    moments = column.to_pandas(timestamp_as_object=False)
    if moments.dt.tz is not None:
        moments = moments.dt.tz_convert(zone).dt.tz_localize(None)
    return moments.astype(_MOMENT)


def _inferred(values: pd.Series) -> pd.Series:
    """What pandas makes of a list of these objects."""
    return pd.DataFrame([(value,) for value in values])[0]


def _joined(parts: List[pd.DataFrame]) -> pd.DataFrame:
    """The chunk whose rows lie in several blocks: as pandas makes it of all its values."""
    joined = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    return pd.DataFrame(list(joined.itertuples(index=False, name=None)), columns=joined.columns)


def _cut_plainly(frame: pd.DataFrame, begin: int, end: int) -> pd.DataFrame:
    cut = frame.iloc[begin:end].copy(deep=False)
    cut.index = pd.RangeIndex(end - begin)
    return cut


def _cut_quickly(frame: pd.DataFrame, begin: int, end: int) -> pd.DataFrame:
    """The same by pandas' inner ways, which take a tenth of the time. They may change, hence the trial below."""
    manager = frame._mgr.get_slice(slice(begin, end), axis=1)
    manager.axes[1] = pd.RangeIndex(end - begin)
    return pd.DataFrame._from_mgr(manager, axes=manager.axes)


def _choose_cut() -> Any:
    trial = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"], "c": [0.5, 1.5, 2.5]})
    try:
        quick = _cut_quickly(trial, 1, 3)
        expected = _cut_plainly(trial, 1, 3)
        same = quick.equals(expected) and isinstance(quick.index, pd.RangeIndex) and quick.index.equals(expected.index)
        return _cut_quickly if same and trial.index.equals(pd.RangeIndex(3)) else _cut_plainly
    except (AttributeError, TypeError):
        return _cut_plainly


_cut = _choose_cut()

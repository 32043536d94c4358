# SPDX-License-Identifier: Apache-2.0
"""Values of ARRAY, MAP and STRUCT columns of a DataFrame that user code puts out, as Arrow takes them.

As in PySpark: an array is anything that can be iterated over, a map anything with items(), a struct a dict by names or
else its values in order; and a moment without a zone, within one of these, is the wall clock of the session's zone.
"""

import datetime
from typing import Any, Callable, List, Optional, Tuple

import pandas as pd
import pyarrow as pa

Converter = Callable[[Any], Any]


def converter_of(kind: pa.DataType, zone: str) -> Optional[Converter]:
    """None for a type whose values go as they are. A moment alone does so, too: a column of moments has rules of its
    own."""
    return _converter(kind, zone) if pa.types.is_nested(kind) else None


def _converter(kind: pa.DataType, zone: str) -> Optional[Converter]:
    if pa.types.is_map(kind):
        return _of_map(_or_as_it_is(kind.key_type, zone), _or_as_it_is(kind.item_type, zone))
    if pa.types.is_list(kind):
        return _of_array(_converter(kind.value_type, zone))
    if pa.types.is_struct(kind):
        return _of_struct([(field.name, _or_as_it_is(field.type, zone)) for field in kind])
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return _of_moment(zone)
    return None


def _or_as_it_is(kind: pa.DataType, zone: str) -> Converter:
    convert = _converter(kind, zone)
    return _as_it_is if convert is None else lambda value: None if value is None else convert(value)


def _as_it_is(value: Any) -> Any:
    return value


def _of_array(element: Optional[Converter]) -> Converter:
    if element is None:
        return list  # a copy, since user code may go on with its own
    return lambda value: [None if one is None else element(one) for one in value]


def _of_map(key: Converter, item: Converter) -> Converter:
    def convert(value: Any) -> Any:
        if not hasattr(value, "items"):
            raise TypeError(f"a map is a dict, but this is {value!r} of type {type(value).__name__}")
        return [(key(one), item(of_one)) for one, of_one in value.items()]  # so none is null, which Arrow takes badly

    return convert


def _of_struct(fields: List[Tuple[str, Converter]]) -> Converter:
    def convert(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: of_field(value.get(name)) for name, of_field in fields}
        return {name: of_field(one) for (name, of_field), one in zip(fields, value)}

    return convert


def _of_moment(zone: str) -> Converter:
    def convert(value: Any) -> Any:
        moment = pd.Timestamp(value)
        has_zone = isinstance(value, datetime.datetime) and value.tzinfo is not None
        return (moment if has_zone else moment.tz_localize(zone)).to_pydatetime(warn=False)

    return convert

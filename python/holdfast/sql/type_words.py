# SPDX-License-Identifier: Apache-2.0
"""The words by which the JSON text of a schema names types without parts."""

import re
from typing import Dict, Optional

from holdfast.sql.atomic_types import (
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VarcharType,
    VariantType,
    YearMonthIntervalType,
)

_PLAIN: Dict[str, type] = {
    "string": StringType,
    "binary": BinaryType,
    "boolean": BooleanType,
    "decimal": DecimalType,
    "float": FloatType,
    "double": DoubleType,
    "byte": ByteType,
    "short": ShortType,
    "integer": IntegerType,
    "long": LongType,
    "date": DateType,
    "timestamp": TimestampType,
    "timestamp_ntz": TimestampNTZType,
    "void": NullType,
    "variant": VariantType,
    "interval": CalendarIntervalType,
}
_WITH_NUMBERS = (
    (re.compile(r"decimal\(\s*(\d+)\s*,\s*(-?\d+)\s*\)"), DecimalType),
    (re.compile(r"time\(\s*(\d+)\s*\)"), TimeType),
    (re.compile(r"char\(\s*(\d+)\s*\)"), CharType),
    (re.compile(r"varchar\(\s*(\d+)\s*\)"), VarcharType),
)
_COLLATED = re.compile(r"string\s+collate\s+(\w+)")
_INTERVAL = re.compile(r"interval (\w+)(?: to (\w+))?")


def interval_of(first: str, last: Optional[str]) -> Optional[DataType]:
    """INTERVAL first [TO last], or None where there is no such interval."""
    for interval in (DayTimeIntervalType, YearMonthIntervalType):
        units = {name: number for number, name in interval._fields.items()}
        if first in units and (last or first) in units and units[first] <= units[last or first]:
            return interval(units[first], units[last or first])
    return None


def type_of_word(text: str) -> Optional[DataType]:
    """The type of a JSON word such as `integer` or `decimal(10,2)`; None where it names none."""
    if text in _PLAIN:
        return _PLAIN[text]()
    for pattern, made in _WITH_NUMBERS:
        if match := pattern.match(text):
            return made(*(int(number) for number in match.groups()))
    if match := _COLLATED.match(text):
        return StringType(match.group(1))
    match = _INTERVAL.match(text)
    return interval_of(match.group(1), match.group(2)) if match else None

# SPDX-License-Identifier: Apache-2.0
"""Spark's types that have no parts. `holdfast.sql.types` has all types; import them from there.

The types that Holdfast's engine lacks (intervals, CHAR, VARCHAR, TIME, VARIANT) can be written down, so that a schema
that names them can be read and shown; the engine refuses them by name where data of them would be needed.
"""

import calendar
import datetime
import json
import time
from typing import Any, ClassVar, Dict, List, Optional, Union

from holdfast.errors import PySparkNotImplementedError, PySparkRuntimeError, not_offered

MICROS = 1_000_000


class DataType:
    """The base of all types. Two types are equal when class and attributes are."""

    def __repr__(self) -> str:
        return type(self).__name__ + "()"

    def __hash__(self) -> int:
        return hash(str(self))

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, type(self)) and self.__dict__ == other.__dict__

    def __ne__(self, other: Any) -> bool:
        return not self.__eq__(other)

    @classmethod
    def typeName(cls) -> str:
        return cls.__name__[: -len("Type")].lower()

    def simpleString(self) -> str:
        return self.typeName()

    def jsonValue(self) -> Union[str, Dict[str, Any]]:
        return self.typeName()

    def json(self) -> str:
        return json.dumps(self.jsonValue(), separators=(",", ":"), sort_keys=True)

    @classmethod
    def fromDDL(cls, ddl: str) -> "DataType":
        """The type that a text such as `decimal(10,2)` or `a INT, b ARRAY<STRING>` names."""
        from holdfast.sql.ddl import parse_ddl

        return parse_ddl(ddl)

    def needConversion(self) -> bool:
        """Whether toInternal and fromInternal change anything."""
        return False

    def toInternal(self, obj: Any) -> Any:
        """What Spark keeps for a Python value: days, microseconds, tuples."""
        return obj

    def fromInternal(self, obj: Any) -> Any:
        """The Python value for what Spark keeps."""
        return obj

    def _as_nullable(self) -> "DataType":
        return self

    def _tree_name(self) -> str:
        """The name in treeString."""
        return self.typeName()

    def _tree_lines(self, prefix: str, depth: int) -> List[str]:
        """The lines below this type's own in treeString."""
        return []


class SingletonMeta(type):
    """Makes one object for each type without attributes, as PySpark does: `IntegerType() is IntegerType()`."""

    _instances: ClassVar[Dict[type, Any]] = {}

    def __call__(cls) -> Any:
        if cls not in SingletonMeta._instances:
            SingletonMeta._instances[cls] = super().__call__()
        return SingletonMeta._instances[cls]


class NullType(DataType, metaclass=SingletonMeta):
    """The type of a NULL of which no more is known."""

    @classmethod
    def typeName(cls) -> str:
        return "void"


class AtomicType(DataType):
    """Every type but void, array, map, struct."""


class NumericType(AtomicType):
    """Numbers."""


class IntegralType(NumericType, metaclass=SingletonMeta):
    """Whole numbers."""


class FractionalType(NumericType):
    """Numbers with a fraction."""


class ByteType(IntegralType):
    """A whole number of 8 bits."""

    def simpleString(self) -> str:
        return "tinyint"


class ShortType(IntegralType):
    """A whole number of 16 bits."""

    def simpleString(self) -> str:
        return "smallint"


class IntegerType(IntegralType):
    """A whole number of 32 bits."""

    def simpleString(self) -> str:
        return "int"


class LongType(IntegralType):
    """A whole number of 64 bits."""

    def simpleString(self) -> str:
        return "bigint"


class FloatType(FractionalType, metaclass=SingletonMeta):
    """A floating point number of 32 bits."""


class DoubleType(FractionalType, metaclass=SingletonMeta):
    """A floating point number of 64 bits."""


class DecimalType(FractionalType):
    """A decimal with `precision` digits (at most 38), `scale` of them behind the point."""

    def __init__(self, precision: int = 10, scale: int = 0) -> None:
        self.precision = precision
        self.scale = scale
        self.hasPrecisionInfo = True

    def simpleString(self) -> str:
        return f"decimal({self.precision},{self.scale})"

    def jsonValue(self) -> str:
        return self.simpleString()

    def _tree_name(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return f"DecimalType({self.precision},{self.scale})"


class BooleanType(AtomicType, metaclass=SingletonMeta):
    """True or false."""


class BinaryType(AtomicType, metaclass=SingletonMeta):
    """Bytes."""


class StringType(AtomicType):
    """A text; it compares by its bytes unless it has another collation."""

    providerSpark = "spark"
    providerICU = "icu"
    providers = [providerSpark, providerICU]

    def __init__(self, collation: str = "UTF8_BINARY") -> None:
        self.collation = collation

    @classmethod
    def collationProvider(cls, collationName: str) -> str:
        return cls.providerSpark if collationName.startswith("UTF8") else cls.providerICU

    def isUTF8BinaryCollation(self) -> bool:
        return self.collation == "UTF8_BINARY"

    def simpleString(self) -> str:
        return "string" if self.isUTF8BinaryCollation() else f"string collate {self.collation}"

    def jsonValue(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return "StringType()" if self.isUTF8BinaryCollation() else f"StringType('{self.collation}')"


class _LengthType(AtomicType):
    """A text with a limit to its length."""

    def __init__(self, length: int) -> None:
        self.length = length

    def simpleString(self) -> str:
        return f"{self.typeName()}({self.length})"

    def jsonValue(self) -> str:
        return self.simpleString()

    def _tree_name(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.length})"


class CharType(_LengthType):
    """A text of exactly so many characters."""


class VarcharType(_LengthType):
    """A text of at most so many characters."""


class DatetimeType(AtomicType):
    """Dates and times."""


class DateType(DatetimeType, metaclass=SingletonMeta):
    """A day; within Spark the number of days since 1970-01-01."""

    EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()

    def needConversion(self) -> bool:
        return True

    def toInternal(self, d: Optional[datetime.date]) -> Optional[int]:
        return None if d is None else d.toordinal() - self.EPOCH_ORDINAL

    def fromInternal(self, v: Optional[int]) -> Optional[datetime.date]:
        return None if v is None else datetime.date.fromordinal(v + self.EPOCH_ORDINAL)


class TimestampType(DatetimeType, metaclass=SingletonMeta):
    """An instant; within Spark microseconds since 1970. Without a zone, Python's values are in the process's zone."""

    def needConversion(self) -> bool:
        return True

    def toInternal(self, dt: Optional[datetime.datetime]) -> Optional[int]:
        if dt is None:
            return None
        seconds = calendar.timegm(dt.utctimetuple()) if dt.tzinfo else time.mktime(dt.timetuple())
        return int(seconds) * MICROS + dt.microsecond

    def fromInternal(self, ts: Optional[int]) -> Optional[datetime.datetime]:
        if ts is None:
            return None
        return datetime.datetime.fromtimestamp(ts // MICROS).replace(microsecond=ts % MICROS)


class TimestampNTZType(DatetimeType, metaclass=SingletonMeta):
    """Date and time of day without a zone."""

    @classmethod
    def typeName(cls) -> str:
        return "timestamp_ntz"

    def needConversion(self) -> bool:
        return True

    def toInternal(self, dt: Optional[datetime.datetime]) -> Optional[int]:
        return None if dt is None else calendar.timegm(dt.timetuple()) * MICROS + dt.microsecond

    def fromInternal(self, ts: Optional[int]) -> Optional[datetime.datetime]:
        if ts is None:
            return None
        utc = datetime.datetime.fromtimestamp(ts // MICROS, datetime.timezone.utc)
        return utc.replace(microsecond=ts % MICROS, tzinfo=None)


class AnyTimeType(DatetimeType):
    """A time of day of any precision."""


class TimeType(AnyTimeType):
    """A time of day; within Spark nanoseconds since midnight."""

    def __init__(self, precision: int = 6) -> None:
        self.precision = precision

    def needConversion(self) -> bool:
        return True

    def toInternal(self, t: Optional[datetime.time]) -> Optional[int]:
        if t is None:
            return None
        return ((t.hour * 60 + t.minute) * 60 + t.second) * 1_000_000_000 + t.microsecond * 1_000

    def fromInternal(self, nano: Optional[int]) -> Optional[datetime.time]:
        if nano is None:
            return None
        seconds, rest = divmod(nano, 1_000_000_000)
        return datetime.time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1_000)

    def simpleString(self) -> str:
        return f"time({self.precision})"

    def jsonValue(self) -> str:
        return self.simpleString()

    def _tree_name(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return f"TimeType({self.precision})"


class AnsiIntervalType(AtomicType):
    """An interval from one unit to another."""

    _fields: ClassVar[Dict[int, str]] = {}

    def __init__(self, startField: Optional[int] = None, endField: Optional[int] = None) -> None:
        if startField is None and endField is None:
            startField, endField = min(self._fields), max(self._fields)
        elif endField is None:
            endField = startField
        if startField not in self._fields or endField not in self._fields:
            raise PySparkRuntimeError(
                errorClass="INVALID_INTERVAL_CASTING",
                messageParameters={"start_field": str(startField), "end_field": str(endField)},
            )
        self.startField = startField
        self.endField = endField

    def simpleString(self) -> str:
        first, last = self._fields[self.startField], self._fields[self.endField]
        return f"interval {first}" if first == last else f"interval {first} to {last}"

    def jsonValue(self) -> str:
        return self.simpleString()

    def needConversion(self) -> bool:
        return True

    def _tree_name(self) -> str:
        return self.simpleString()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.startField}, {self.endField})"


class DayTimeIntervalType(AnsiIntervalType):
    """Days to seconds; within Spark microseconds."""

    DAY = 0
    HOUR = 1
    MINUTE = 2
    SECOND = 3
    _fields = {DAY: "day", HOUR: "hour", MINUTE: "minute", SECOND: "second"}

    def toInternal(self, dt: Optional[datetime.timedelta]) -> Optional[int]:
        return None if dt is None else (dt.days * 86400 + dt.seconds) * MICROS + dt.microseconds

    def fromInternal(self, micros: Optional[int]) -> Optional[datetime.timedelta]:
        return None if micros is None else datetime.timedelta(microseconds=micros)


class YearMonthIntervalType(AnsiIntervalType):
    """Years and months."""

    YEAR = 0
    MONTH = 1
    _fields = {YEAR: "year", MONTH: "month"}

    def toInternal(self, obj: Any) -> Any:
        raise _no_python_value("YearMonthIntervalType.toInternal")

    def fromInternal(self, obj: Any) -> Any:
        raise _no_python_value("YearMonthIntervalType.fromInternal")


class CalendarIntervalType(DataType, metaclass=SingletonMeta):
    """Months, days and microseconds side by side."""

    @classmethod
    def typeName(cls) -> str:
        return "interval"

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: Any) -> Any:
        raise _no_python_value("CalendarIntervalType.toInternal")

    def fromInternal(self, obj: Any) -> Any:
        raise _no_python_value("CalendarIntervalType.fromInternal")


def _no_python_value(feature: str) -> PySparkNotImplementedError:
    return PySparkNotImplementedError(errorClass="NOT_IMPLEMENTED", messageParameters={"feature": feature})


class VariantType(AtomicType):
    """A value that brings its type with it."""

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: Any) -> Any:
        if obj is None:
            return None
        raise not_offered("A value of the type variant")

    fromInternal = toInternal


class SpatialType(AtomicType):
    """Places on the earth or in a plane."""

    def __init__(self, srid: Union[int, str]) -> None:
        raise not_offered(f"{type(self).__name__}({srid!r})")


class GeographyType(SpatialType):
    """A shape on the earth: only the name is here."""


class GeometryType(SpatialType):
    """A shape in a plane: only the name is here."""


class UserDefinedType(DataType):
    """A type that a library defines over Spark's: only the name is here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise not_offered(f"The user-defined type {type(self).__name__}")

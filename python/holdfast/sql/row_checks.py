# SPDX-License-Identifier: Apache-2.0
"""Whether rows fit the schema that createDataFrame got with them, by PySpark's rules."""

import array
import datetime
import decimal
from typing import Any, Callable, Dict, Tuple

from holdfast.errors import PySparkTypeError, PySparkValueError
from holdfast.sql import types as t

Check = Callable[[Any], None]

# Exactly these classes: a subclass is refused, too.
_CLASSES: Dict[type, Tuple[type, ...]] = {
    t.BooleanType: (bool,),
    t.ByteType: (int,),
    t.ShortType: (int,),
    t.IntegerType: (int,),
    t.LongType: (int,),
    t.FloatType: (float,),
    t.DoubleType: (float,),
    t.DecimalType: (decimal.Decimal,),
    t.BinaryType: (bytearray, bytes),
    t.DateType: (datetime.date, datetime.datetime),
    t.TimeType: (datetime.time,),
    t.TimestampType: (datetime.datetime,),
    t.TimestampNTZType: (datetime.datetime,),
    t.DayTimeIntervalType: (datetime.timedelta,),
    t.ArrayType: (list, tuple, array.array),
    t.MapType: (dict,),
}
_BITS: Dict[type, int] = {t.ByteType: 8, t.ShortType: 16, t.IntegerType: 32, t.LongType: 64}


def checker(kind: t.DataType, nullable: bool, name: str) -> Check:
    """Raises for a value that does not fit. `name` says what the value is; empty for a row."""
    fits = _checker_of_values(kind, name)

    def check(value: Any) -> None:
        if value is not None and not (isinstance(value, decimal.Decimal) and value.is_nan()):
            fits(value)
        elif not nullable:
            raise _refused(PySparkValueError, "FIELD_NOT_NULLABLE", name)

    return check


def _checker_of_values(kind: t.DataType, name: str) -> Check:
    if isinstance(kind, t.StructType):
        return _row_checker(kind, name)
    if isinstance(kind, t.StringType):
        return lambda value: None  # a text takes everything by its text
    classes = _CLASSES.get(type(kind), ())

    def check_class(value: Any) -> None:
        if type(value) not in classes:
            raise _unacceptable(value, kind, name)

    if isinstance(kind, t.ArrayType):
        element = checker(kind.elementType, kind.containsNull, f"element in array {name}")

        def check_array(value: Any) -> None:
            check_class(value)
            for one in value:
                element(one)

        return check_array
    if isinstance(kind, t.MapType):
        key = checker(kind.keyType, False, f"key of map {name}")
        other = checker(kind.valueType, kind.valueContainsNull, f"value of map {name}")

        def check_map(value: Any) -> None:
            check_class(value)
            for one, two in value.items():
                key(one)
                other(two)

        return check_map
    if type(kind) not in _BITS:
        return check_class
    half = 2 ** (_BITS[type(kind)] - 1)

    def check_integer(value: Any) -> None:
        check_class(value)
        if not -half <= value < half:
            raise PySparkValueError(
                errorClass="VALUE_OUT_OF_BOUNDS",
                messageParameters={
                    "arg_name": name or "obj",
                    "lower_bound": str(-half),
                    "upper_bound": str(half - 1),
                    "actual": str(value),
                },
            )

    return check_integer


def _row_checker(kind: t.StructType, name: str) -> Check:
    within = f" in {name}" if name else ""
    fields = [(one.name, checker(one.dataType, one.nullable, f"field {one.name}{within}")) for one in kind.fields]

    def check(row: Any) -> None:
        if isinstance(row, (tuple, list)):
            if len(row) != len(fields):
                lengths = {"object_length": str(len(row)), "field_length": str(len(fields))}
                raise _refused(PySparkValueError, "FIELD_STRUCT_LENGTH_MISMATCH", name, **lengths)
            for value, (_, fits) in zip(row, fields):
                fits(value)
            return
        by_name = row if isinstance(row, dict) else getattr(row, "__dict__", None)
        if by_name is None:
            raise _unacceptable(row, kind, name)
        for field, fits in fields:
            fits(by_name.get(field))

    return check


def _unacceptable(value: Any, kind: t.DataType, name: str) -> Exception:
    told = {"data_type": str(kind), "obj": repr(value), "obj_type": str(type(value))}
    return _refused(PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE", name, **told)


def _refused(error: Any, condition: str, name: str, **parameters: str) -> Exception:
    if name:
        condition, parameters = f"{condition}_WITH_NAME", {"field_name": name, **parameters}
    return error(errorClass=condition, messageParameters=parameters)

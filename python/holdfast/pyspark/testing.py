# SPDX-License-Identifier: Apache-2.0
"""pyspark.testing: assertDataFrameEqual and assertSchemaEqual, which fail with a PySparkAssertionError."""

import difflib
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Iterator, List, Optional, Tuple, Union

from holdfast.errors import PySparkAssertionError, PySparkTypeError, not_offered
from holdfast.sql.types import ArrayType, DataType, DecimalType, MapType, Row, StructField, StructType

if TYPE_CHECKING:
    import pandas

    from holdfast.sql.dataframe import DataFrame

__all__ = ["assertDataFrameEqual", "assertSchemaEqual"]

AnyFrame = Union["DataFrame", "pandas.DataFrame", List[Row]]


def assertSchemaEqual(
    actual: StructType,
    expected: StructType,
    ignoreNullable: bool = True,
    ignoreColumnOrder: bool = False,
    ignoreColumnName: bool = False,
) -> None:
    """Fails with DIFFERENT_SCHEMA where the schemas differ. Metadata and, by default, nullability do not count."""
    __tracebackhide__ = True
    for name, schema in (("actual", actual), ("expected", expected)):
        if not isinstance(schema, StructType):
            raise PySparkTypeError(
                errorClass="NOT_EXPECTED_TYPE",
                messageParameters={
                    "arg_name": name,
                    "expected_type": "struct type",
                    "arg_type": type(schema).__name__,
                },
            )
    if ignoreColumnOrder:
        actual, expected = (StructType(sorted(one, key=lambda column: column.name)) for one in (actual, expected))
    if ignoreColumnName:
        actual, expected = (_numbered(one) for one in (actual, expected))
    same = _same_but_for_nulls(actual, expected) if ignoreNullable else actual == expected
    if not same:
        raise _different_schema(actual, expected)


def _numbered(schema: StructType) -> StructType:
    return StructType([StructField(str(i), column.dataType, column.nullable) for i, column in enumerate(schema)])


def _same_but_for_nulls(one: DataType, other: Any) -> bool:
    """Whether two types are the same at every depth when nullability is left out of it."""
    if one.typeName() != other.typeName():
        return False
    if isinstance(one, ArrayType):
        return _same_but_for_nulls(one.elementType, other.elementType)
    if isinstance(one, MapType):
        return _same_but_for_nulls(one.keyType, other.keyType) and _same_but_for_nulls(one.valueType, other.valueType)
    if isinstance(one, DecimalType):
        return (one.precision, one.scale) == (other.precision, other.scale)
    if isinstance(one, StructType):
        return one.names == other.names and all(
            _same_but_for_nulls(left.dataType, right.dataType) for left, right in zip(one, other)
        )
    return True


def _different_schema(actual: StructType, expected: StructType) -> PySparkAssertionError:
    lines = "\n".join(difflib.ndiff([str(actual)], [str(expected)]))
    return PySparkAssertionError(
        f"Schemas do not match.\n--- actual\n+++ expected\n{lines}",
        errorClass="DIFFERENT_SCHEMA",
        messageParameters={"error_msg": lines},
    )


def assertDataFrameEqual(
    actual: AnyFrame,
    expected: AnyFrame,
    checkRowOrder: bool = False,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    ignoreNullable: bool = True,
    ignoreColumnOrder: bool = False,
    ignoreColumnName: bool = False,
    ignoreColumnType: bool = False,
    maxErrors: Optional[int] = None,
    showOnlyDiff: bool = False,
    includeDiffRows: bool = False,
) -> Optional[bool]:
    """Fails with DIFFERENT_ROWS or DIFFERENT_SCHEMA where two batch DataFrames, or lists of rows, differ.

    Floats and decimals are the same within atol + rtol * |expected|. Schemas are compared only of two DataFrames.
    With includeDiffRows the error's `data` are the pairs of rows that differ.
    """
    __tracebackhide__ = True
    if actual is None and expected is None:
        return True
    tolerance = Tolerance(rtol, atol)
    if _is_pandas(actual) and _is_pandas(expected):
        _assert_pandas_equal(actual, expected, tolerance)
        return None
    for name, frame in (("actual", actual), ("expected", expected)):
        _check_frame(name, frame)
    frames: List[Any] = [actual, expected]
    if ignoreColumnOrder:
        frames = [frame.select(*sorted(frame.columns)) for frame in frames]
    if ignoreColumnName:
        frames = [frame.toDF(*map(str, range(len(frame.columns)))) for frame in frames]
    if ignoreColumnType:
        raise not_offered("assertDataFrameEqual(ignoreColumnType=True)", "Cast the columns before the comparison.")
    if not any(isinstance(frame, list) for frame in frames):
        assertSchemaEqual(frames[0].schema, frames[1].schema, ignoreNullable=ignoreNullable)
    lists = [_rows_of(frame) for frame in frames]
    if not checkRowOrder:
        lists = [sorted(rows, key=str) for rows in lists]
    _assert_rows_equal(lists[0], lists[1], tolerance, checkRowOrder, maxErrors, showOnlyDiff, includeDiffRows)
    return None


def _is_pandas(frame: Any) -> bool:
    """Asked of the class by name, so that pandas is not imported where nobody uses it."""
    return type(frame).__module__.split(".")[0] == "pandas" and type(frame).__name__ == "DataFrame"


def _check_frame(name: str, frame: Any) -> None:
    """Raises unless the argument is a list or a DataFrame with rows that end."""
    if isinstance(frame, list):
        return
    from holdfast.sql.dataframe import DataFrame

    if not isinstance(frame, DataFrame):
        found: Any = None if frame is None else type(frame)
        raise PySparkAssertionError(
            f"Expected a DataFrame or a list of Rows for `{name}`, and both or none of pandas, but got {found}.",
            errorClass="INVALID_TYPE_DF_EQUALITY_ARG",
            messageParameters={"expected_type": "DataFrame or list of Rows", "arg_name": name, "actual_type": found},
        )
    if frame.isStreaming:
        raise PySparkAssertionError(
            errorClass="UNSUPPORTED_OPERATION",
            messageParameters={"operation": "assertDataFrameEqual on streaming DataFrame"},
        )


def _rows_of(frame: Union["DataFrame", List[Row]]) -> List[Row]:
    return frame if isinstance(frame, list) else frame.collect()


@dataclass(frozen=True)
class Tolerance:
    """How near two floats or decimals have to be to count as the same."""

    rtol: float
    atol: float

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values, or rows, are the same; NaN is near to everything, as it is for PySpark."""
        if isinstance(one, Row) and isinstance(other, Row):
            return all(map(self.same, one, other))
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(self.same, one, other))
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(self.same(one[key], other[key]) for key in one)
        if isinstance(one, float) and isinstance(other, float):
            return not abs(one - other) > self.atol + self.rtol * abs(other)
        if isinstance(one, Decimal) and isinstance(other, Decimal):
            return not abs(one - other) > Decimal(self.atol) + Decimal(self.rtol) * abs(other)
        return bool(one == other)


@dataclass
class Comparison:
    """The rows of both sides that the error shows, and those that differ; a side that has no row has None."""

    shown: Tuple[List[str], List[str]] = field(default_factory=lambda: ([], []))
    different: List[Tuple[Optional[Row], Optional[Row]]] = field(default_factory=list)


def _assert_rows_equal(
    actual: List[Row],
    expected: List[Row],
    tolerance: Tolerance,
    in_order: bool,
    max_errors: Optional[int],
    only_different: bool,
    include_rows: bool,
) -> None:
    __tracebackhide__ = True
    found = Comparison()
    paired = in_order or len(actual) == len(expected)
    pairs = zip_longest(actual, expected) if paired else _merged(actual, expected, tolerance)
    for pair in pairs:
        same = tolerance.same(*pair)
        if not (same and only_different):
            for lines, row in zip(found.shown, pair):
                if row is not None or paired:
                    lines.append(str(row))
        if not same:
            found.different.append(pair)
            if max_errors is not None and len(found.different) >= max_errors:
                break
    if found.different:
        share = 100 * len(found.different) / max(len(actual), len(expected))
        message = "\n".join([f"Results do not match: ( {share:.5f} % )", *_side_by_side(*found.shown)])
        raise PySparkAssertionError(
            message,
            errorClass="DIFFERENT_ROWS",
            messageParameters={"error_msg": message},
            data=found.different if include_rows else None,
        )


def _merged(
    actual: List[Row], expected: List[Row], tolerance: Tolerance
) -> Iterator[Tuple[Optional[Row], Optional[Row]]]:
    """Pairs two sorted lists of different length, so that one row too many is one difference and not many."""
    left, right = 0, 0
    while left < len(actual) and right < len(expected):
        pair = actual[left], expected[right]
        texts = str(pair[0]), str(pair[1])
        if tolerance.same(*pair) or texts[0] == texts[1]:
            yield pair
            left, right = left + 1, right + 1
        elif texts[0] < texts[1]:
            yield pair[0], None
            left += 1
        else:
            yield None, pair[1]
            right += 1
    yield from ((row, None) for row in actual[left:])
    yield from ((None, row) for row in expected[right:])


def _side_by_side(actual: List[str], expected: List[str]) -> Iterator[str]:
    """Both sides one after the other, each line marked: `!` changed, `-` only in actual, `+` only in expected."""
    marks = {"replace": "!", "delete": "-", "insert": "+", "equal": " "}
    steps = difflib.SequenceMatcher(None, actual, expected).get_opcodes()
    yield "*** actual ***"
    yield from (f"{marks[tag]} {line}" for tag, start, end, _, _ in steps for line in actual[start:end])
    yield "*** expected ***"
    yield from (f"{marks[tag]} {line}" for tag, _, _, start, end in steps for line in expected[start:end])


def _assert_pandas_equal(actual: "pandas.DataFrame", expected: "pandas.DataFrame", tolerance: Tolerance) -> None:
    """Compares two frames of pandas row by row, in order; a missing value is the same only as a missing value."""
    __tracebackhide__ = True

    def same_column(name: Any) -> bool:
        left, right = actual[name], expected[name]
        if list(left.isnull()) != list(right.isnull()):
            return False
        return all(map(near, left.dropna(), right.dropna()))

    def near(one: Any, other: Any) -> bool:
        if isinstance(one, (float, Decimal)) or isinstance(other, (float, Decimal)):
            return tolerance.same(float(one), float(other))
        return bool(one == other)

    if actual.shape == expected.shape and list(actual.columns) == list(expected.columns):
        if all(map(same_column, actual.columns)):
            return
    sides = {
        "left": actual.to_string(),
        "left_dtype": str(actual.dtypes),
        "right": expected.to_string(),
        "right_dtype": str(expected.dtypes),
    }
    raise PySparkAssertionError(
        "DataFrames are not almost equal:\nLeft:\n{left}\n{left_dtype}\nRight:\n{right}\n{right_dtype}".format(**sides),
        errorClass="DIFFERENT_PANDAS_DATAFRAME",
        messageParameters=sides,
    )

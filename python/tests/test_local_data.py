# SPDX-License-Identifier: Apache-2.0
"""createDataFrame takes, infers and refuses what PySpark 4.3.0 does. pandas with a schema goes the way that a
processor's frames go."""

import collections
import datetime
from decimal import Decimal

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pd = pytest.importorskip("pandas")

from holdfast.errors import (  # noqa: E402
    ArithmeticException,
    PySparkIndexError,
    PySparkTypeError,
    PySparkValueError,
)
from holdfast.sql import Row, SparkSession  # noqa: E402
from holdfast.sql.types import ArrayType, IntegerType, StructField, StructType  # noqa: E402

spark = SparkSession.builder.getOrCreate()
Point = collections.namedtuple("Point", "x y")


class Thing:
    def __init__(self, **fields):
        self.__dict__.update(fields)


def test_a_frame_of_pandas_with_a_schema():
    frame = spark.createDataFrame(pd.DataFrame({"a": [1, 2], "b": ["x", None]}), "n INT, s STRING")
    assert frame.dtypes == [("n", "int"), ("s", "string")] and frame.collect() == [(1, "x"), (2, None)]
    assert spark.createDataFrame(pd.DataFrame({"a": []}), "n INT").collect() == []


def test_a_frame_of_pandas_that_does_not_fit_its_schema():
    with pytest.raises(PySparkTypeError, match=r"column n, which is int32: a column of dtype \w+ with \['x'\]: "):
        spark.createDataFrame(pd.DataFrame({"a": ["x"]}), "n INT")


@pytest.mark.parametrize("schema", [None, "t timestamp"])
def test_an_hour_that_clocks_show_twice_is_the_later_one(schema):
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    try:
        frame = spark.createDataFrame(pd.DataFrame({"t": [pd.Timestamp("2025-10-26 02:30:00")]}), schema)
        assert frame.selectExpr("CAST(t AS BIGINT) AS t").collect() == [(1761442200,)]
    finally:
        spark.conf.set("spark.sql.session.timeZone", before)


@pytest.mark.parametrize(
    "rows, schema, expected",
    [
        ([Row(b=1, a=2)], "a int, b int", [(1, 2)]),  # a Row goes by place, whatever its names are
        ([Row(b=1, c=2)], "a int, b int", [(1, 2)]),
        ([{"b": 1, "zz": 3}], "a int, b int", [(None, 1)]),
        ([Thing(b=1, a=2)], "a int, b int", [(2, 1)]),
        ([5, None], "int", [(5,), (None,)]),
        ([(datetime.datetime(2020, 1, 2, 3, 4),)], "a date", [(datetime.date(2020, 1, 2),)]),
        ([(Decimal("1.555"),), (Decimal("NaN"),)], "a decimal(5,2)", [(Decimal("1.56"),), (None,)]),
        ([((1, 2),)], "a array<int>", [([1, 2],)]),
        (
            [(1,), (True,), (1e10,), ([1, 2],), ({"a": 1},), (b"ab",), (Decimal("1.50"),), (None,)],
            "a string",
            [("1",), ("true",), ("10000000000.0",), ("[1, 2]",), ("{'a': 1}",), ("b'ab'",), ("1.50",), (None,)],
        ),
    ],
)
def test_rows_with_a_schema(rows, schema, expected):
    assert spark.createDataFrame(rows, schema).collect() == expected


@pytest.mark.parametrize(
    "rows, schema, error, condition",
    [
        ([(1, 2, 3)], "a int, b int", PySparkValueError, "FIELD_STRUCT_LENGTH_MISMATCH"),
        ([(1,)], "a int, b int", PySparkValueError, "FIELD_STRUCT_LENGTH_MISMATCH"),
        ([((1, 2),)], "a struct<x:int>", PySparkValueError, "FIELD_STRUCT_LENGTH_MISMATCH_WITH_NAME"),
        ([5], "a int, b int", PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE"),
        ([(None,)], "a int not null", PySparkValueError, "FIELD_NOT_NULLABLE_WITH_NAME"),
        ([([1, None],)], StructType([StructField("a", ArrayType(IntegerType(), False))]),
         PySparkValueError, "FIELD_NOT_NULLABLE_WITH_NAME"),
        ([(1.0,)], "a int", PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME"),
        ([(True,)], "a int", PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME"),
        ([(1,)], "a double", PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME"),
        ([(1,)], "a decimal(5,2)", PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME"),
        ([("ab",)], "a binary", PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME"),
        ([(datetime.date(2020, 1, 2),)], "a timestamp", PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME"),
        ([(300,)], "a tinyint", PySparkValueError, "VALUE_OUT_OF_BOUNDS"),
        ([(Decimal("12345.5"),)], "a decimal(5,2)",
         ArithmeticException, "NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_their_schema(rows, schema, error, condition):
    with pytest.raises(error) as raised:
        spark.createDataFrame(rows, schema).collect()
    assert raised.value.getCondition() == condition


def test_without_verification_nothing_is_lost_either():
    with pytest.raises(PySparkValueError):
        spark.createDataFrame([(1, 2, 3)], "a int, b int", verifySchema=False)
    with pytest.raises(PySparkTypeError):
        spark.createDataFrame([(1,)], "a double", verifySchema=False)


@pytest.mark.parametrize(
    "rows, names, columns, expected",
    [
        ([{"b": 1, "a": 2}], None, ["a", "b"], [(2, 1)]),
        ([{"b": 1, "a": 2}, {"c": "x"}], None, ["a", "b", "c"], [(2, 1, None), (None, None, "x")]),
        ([{"b": 1, "a": 2}], ["x"], ["x", "b"], [(2, 1)]),
        ([Point(1, 2)], None, ["x", "y"], [(1, 2)]),
        ([Thing(b=1, a=2)], None, ["a", "b"], [(2, 1)]),
        ([(1, 2, 3)], ["a"], ["a", "_2", "_3"], [(1, 2, 3)]),
        ([Row(a=1, b=2)], ["x"], ["x", "b"], [(1, 2)]),
        ([Row(a=1, b=2), Row(b=5, a=7)], None, ["a", "b"], [(1, 2), (5, 7)]),
        ([([],), (["x"],)], ["a"], ["a"], [([],), (["x"],)]),
        ([Row(x=None), Row(x=1)], None, ["x"], [(None,), (1,)]),
        ([(1,), ("a",)], ["x"], ["x"], [("1",), ("a",)]),
        ([(True,), ("s",)], ["x"], ["x"], [("true",), ("s",)]),
        ([({"k": 1, "j": "s"},)], ["x"], ["x"], [({"j": "s", "k": "1"},)]),
        ([(["a", 1],)], ["x"], ["x"], [(["a", "1"],)]),
    ],
)
def test_rows_without_a_schema(rows, names, columns, expected):
    frame = spark.createDataFrame(rows, names)
    assert frame.columns == columns and frame.collect() == expected


@pytest.mark.parametrize(
    "rows, names, error, condition",
    [
        ([(None,)], ["a"], PySparkValueError, "CANNOT_DETERMINE_TYPE"),
        ([([],)], ["a"], PySparkValueError, "CANNOT_DETERMINE_TYPE"),
        ([(1,), (1.5,)], ["x"], PySparkTypeError, "CANNOT_MERGE_TYPE"),
        ([1, 2], None, PySparkTypeError, "CANNOT_INFER_SCHEMA_FOR_TYPE"),
        ([(object(),)], ["a"], PySparkTypeError, "CANNOT_INFER_TYPE_FOR_FIELD"),
        ([], ["a"], PySparkValueError, "CANNOT_INFER_EMPTY_SCHEMA"),
        ([(1,)], ["a", "b"], PySparkIndexError, "INDEX_OUT_OF_RANGE"),
        # PySpark says these only when the rows are asked for.
        ([(1, 2, 3), (1, 2)], None, PySparkValueError, "FIELD_STRUCT_LENGTH_MISMATCH"),
        ([Row(a=1), Row(b="x")], None, PySparkValueError, "FIELD_STRUCT_LENGTH_MISMATCH"),
    ],
)
def test_rows_whose_schema_cannot_be_inferred(rows, names, error, condition):
    with pytest.raises(error) as raised:
        spark.createDataFrame(rows, names)
    assert raised.value.getCondition() == condition


def test_binaries_come_back_as_bytes():
    assert spark.createDataFrame([(bytearray(b"x"), [b"y"])], "b BINARY, a ARRAY<BINARY>").collect() == [(b"x", [b"y"])]
    (row,) = spark.createDataFrame([(b"x",)], "b BINARY").collect()
    assert type(row.b) is bytes

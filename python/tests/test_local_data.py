# SPDX-License-Identifier: Apache-2.0
"""createDataFrame of pandas with a schema goes the way that a processor's frames go."""

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pd = pytest.importorskip("pandas")

from holdfast.errors import PySparkTypeError  # noqa: E402
from holdfast.sql import SparkSession  # noqa: E402

spark = SparkSession.builder.getOrCreate()


def test_a_frame_of_pandas_with_a_schema():
    frame = spark.createDataFrame(pd.DataFrame({"a": [1, 2], "b": ["x", None]}), "n INT, s STRING")
    assert frame.dtypes == [("n", "int"), ("s", "string")] and frame.collect() == [(1, "x"), (2, None)]
    assert spark.createDataFrame(pd.DataFrame({"a": []}), "n INT").collect() == []


def test_a_frame_of_pandas_that_does_not_fit_its_schema():
    with pytest.raises(PySparkTypeError, match=r"column n, which is int32: a column of dtype \w+ with \['x'\]: "):
        spark.createDataFrame(pd.DataFrame({"a": ["x"]}), "n INT")


def test_binaries_come_back_as_bytes():
    assert spark.createDataFrame([(bytearray(b"x"), [b"y"])], "b BINARY, a ARRAY<BINARY>").collect() == [(b"x", [b"y"])]
    (row,) = spark.createDataFrame([(b"x",)], "b BINARY").collect()
    assert type(row.b) is bytes

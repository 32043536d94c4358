# SPDX-License-Identifier: Apache-2.0
"""What PySpark has and this package lacks is refused by name; what nobody has is an AttributeError."""

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")

from holdfast.errors import PySparkNotImplementedError  # noqa: E402
from holdfast.sql import SparkSession  # noqa: E402

spark = SparkSession.builder.getOrCreate()


@pytest.mark.parametrize(
    "owner, names",
    [
        (spark, "udtf tvf dataSource addArtifact"),
        (spark.read, "orc jdbc xml"),
        (spark.readStream, "orc name"),
        (spark.catalog, "listColumns getTable listFunctions createTable"),
        (spark.range(1), "scalar exists mergeInto pandas_api"),
        (spark.range(1).groupBy("id"), "applyInArrow"),
        (spark.range(1).write, "bucketBy orc jdbc"),
    ],
)
def test_what_is_lacking_is_refused_by_name(owner, names):
    for name in names.split():
        with pytest.raises(PySparkNotImplementedError, match=name):
            getattr(owner, name)
    with pytest.raises(AttributeError):
        owner.nobody_has_this


@pytest.mark.parametrize("function", ["median", "mode", "max_by", "kurtosis", "percentile_approx"])
def test_aggregates_that_are_lacking_are_refused_when_they_are_asked_for(function):
    from holdfast.sql import functions

    arguments = {"max_by": ("id", "id"), "percentile_approx": ("id", 0.5)}.get(function, ("id",))
    with pytest.raises(PySparkNotImplementedError, match=function):
        spark.range(1).agg(getattr(functions, function)(*arguments))


def test_an_empty_frame():
    assert spark.emptyDataFrame("a int, b string").dtypes == [("a", "int"), ("b", "string")]

# SPDX-License-Identifier: Apache-2.0
"""DataFrame.write: formats, modes and options; what is refused leaves what was there."""

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from holdfast.errors import AnalysisException, IllegalArgumentException  # noqa: E402
from holdfast.sql import SparkSession  # noqa: E402


@pytest.fixture
def spark():
    session = SparkSession.builder.getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def rows_of(frame):
    return sorted(tuple(row) for row in frame.collect())


@pytest.mark.parametrize("format", ["json", "csv", "parquet", "delta"])
def test_rows_come_back(spark, tmp_path, format):
    frame = spark.createDataFrame([(1, "a"), (2, "b")], "n INT, text STRING")
    frame.write.format(format).save(f"{tmp_path}/out")
    reader = spark.read.format(format) if format == "delta" else spark.read.format(format).schema(frame.schema)
    assert rows_of(reader.load(f"{tmp_path}/out")) == [(1, "a"), (2, "b")]
    assert format == "delta" or (tmp_path / "out/_SUCCESS").exists()


def test_modes(spark, tmp_path):
    path = f"{tmp_path}/out"
    one, two = (spark.range(n).selectExpr("id AS n") for n in (1, 2))
    one.write.parquet(path)
    with pytest.raises(AnalysisException) as error:
        two.write.parquet(path)
    assert error.value.getCondition() == "PATH_ALREADY_EXISTS"
    two.write.mode("ignore").parquet(path)
    assert rows_of(spark.read.parquet(path)) == [(0,)]
    two.write.mode("append").parquet(path)
    assert rows_of(spark.read.parquet(path)) == [(0,), (0,), (1,)]
    two.write.mode("overwrite").parquet(path)
    assert rows_of(spark.read.parquet(path)) == [(0,), (1,)]
    with pytest.raises(IllegalArgumentException) as error:
        two.write.mode("replace")
    assert error.value.getCondition() == "INVALID_SAVE_MODE"


def test_a_refused_option_writes_nothing(spark, tmp_path):
    with pytest.raises(IllegalArgumentException, match="nope"):
        spark.range(1).write.option("nope", "x").csv(f"{tmp_path}/out")
    assert not (tmp_path / "out").exists()

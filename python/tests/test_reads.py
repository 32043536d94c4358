# SPDX-License-Identifier: Apache-2.0
"""Files that others wrote mean what Spark takes them for."""

import datetime

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")

from holdfast.sql import SparkSession  # noqa: E402


def test_parquet_s_int96_is_an_instant_whatever_the_zone(tmp_path):
    at = datetime.datetime(2026, 3, 8, 6, 30, tzinfo=datetime.timezone.utc)
    table = pa.table({"at": pa.array([at, None], pa.timestamp("us", "UTC")), "n": [1, 2]})
    parquet.write_table(table, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        frame = spark.read.parquet(str(tmp_path))
        assert frame.schema["at"].dataType.simpleString() == "timestamp"
        assert frame.orderBy("n").toArrow().column("at").to_pylist() == [at, None]
    finally:
        spark.conf.unset("spark.sql.session.timeZone")

# SPDX-License-Identifier: Apache-2.0
"""What published notebooks ask for around their processors: tables by SQL, merges, unions of streams, deduplication."""

import datetime

import pytest

_engine = pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from programs import python, run, source_notebook  # noqa: E402

from holdfast.errors import (  # noqa: E402
    AnalysisException,
    PySparkNotImplementedError,
    StreamingQueryException,
    UnsupportedOperationException,
)
from holdfast.sql import Row, SparkSession  # noqa: E402
from holdfast.sql.functions import col, lit  # noqa: E402
from holdfast.sql.streaming import StatefulProcessor  # noqa: E402

@pytest.fixture
def spark(tmp_path):
    session = SparkSession.builder.config("spark.sql.warehouse.dir", str(tmp_path / "warehouse")).getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    yield session
    session.stop()


class Count(StatefulProcessor):
    def init(self, handle):
        self.n = handle.getValueState("n", "n BIGINT")

    def handleInputRows(self, key, rows, timerValues):
        n = (self.n.get() or (0,))[0] + sum(1 for _ in rows)
        self.n.update((n,))
        yield Row(k=key[0], n=n)

    def close(self):
        pass


def results(frame):
    rows = []
    query = frame.writeStream.foreachBatch(lambda batch, _: rows.extend(tuple(row) for row in batch.collect()))
    query.trigger(availableNow=True).start().awaitTermination()
    return sorted(rows, key=repr)


# ---- Tables by SQL -----------------------------------------------------------------------


def test_a_table_is_made_and_filled_by_sql(spark):
    spark.sql("CREATE TABLE IF NOT EXISTS default.t (id BIGINT, `moment` TIMESTAMP COMMENT 'a, (b)') USING DELTA")
    spark.sql("INSERT INTO default.t (id, moment) VALUES ('3', '2024-03-04 12:00:00'), ('4', NULL)")
    spark.sql("INSERT INTO t SELECT id + 1, moment FROM t WHERE id = 4")
    assert spark.table("t").dtypes == [("id", "bigint"), ("moment", "timestamp")]
    assert sorted(row["id"] for row in spark.table("default.t").collect()) == [3, 4, 5]
    spark.sql("CREATE TABLE IF NOT EXISTS t (id BIGINT)")
    assert spark.table("t").count() == 3
    with pytest.raises(PySparkNotImplementedError, match="with other columns than it has"):
        spark.sql("CREATE OR REPLACE TABLE t (id BIGINT)")
    assert spark.table("t").count() == 3
    spark.sql("CREATE OR REPLACE TABLE t (id BIGINT, moment TIMESTAMP)")
    assert spark.table("t").count() == 0


def test_columns_that_an_insert_does_not_name_are_null(spark):
    spark.sql("CREATE TABLE t (a INT, b STRING)")
    spark.sql("INSERT INTO t (b) VALUES ('x')")
    assert [tuple(row) for row in spark.table("t").collect()] == [(None, "x")]
    with pytest.raises(AnalysisException) as error:
        spark.sql("INSERT INTO t (b) VALUES ('x', 1)")
    assert error.value.getCondition() == "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS"


def test_what_create_table_cannot_do_is_said(spark):
    with pytest.warns(UserWarning, match="delta.appendOnly"):
        spark.sql("CREATE TABLE t (a INT) USING DELTA TBLPROPERTIES (delta.appendOnly = true)")
    with pytest.raises(PySparkNotImplementedError, match="CLUSTER BY"):
        spark.sql("CREATE TABLE u (a INT) CLUSTER BY (a)")
    with pytest.raises(PySparkNotImplementedError, match="parquet"):
        spark.sql("CREATE TABLE u (a INT) USING parquet")


def test_a_stored_view_keeps_the_meaning_of_its_names(spark):
    spark.sql("CREATE SCHEMA IF NOT EXISTS main.demo")
    spark.sql("USE CATALOG main")
    spark.sql("USE SCHEMA demo")
    spark.createDataFrame([(1,), (2,)], "a INT").write.saveAsTable("t")
    spark.sql("CREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE a > 1")
    spark.sql("USE CATALOG spark_catalog")
    assert [tuple(row) for row in spark.sql("SELECT a FROM main.demo.v").collect()] == [(2,)]
    assert spark.catalog.currentCatalog() == "spark_catalog" and spark.catalog.currentDatabase() == "default"
    assert [row["tableName"] for row in spark.sql("SHOW TABLES IN main.demo").collect()] == ["t", "v"]
    spark.sql("DROP VIEW main.demo.v")
    assert not spark.catalog.tableExists("main.demo.v")


def test_names_of_one_and_two_parts_lie_in_the_current_catalog(spark, tmp_path):
    warehouse = str(tmp_path / "warehouse")
    assert spark.catalog._location("t") == f"{warehouse}/default/t"
    assert spark.catalog._location("spark_catalog.s.t") == f"{warehouse}/s/t"
    spark.catalog.setCurrentDatabase("main.demo")
    assert spark.catalog._location("t") == f"{warehouse}/main/demo/t"
    assert spark.catalog._location("s.t") == f"{warehouse}/main/s/t"
    assert spark.catalog.currentDatabase() == "demo"


# ---- Merges --------------------------------------------------------------------------------


def test_a_merge_updates_inserts_and_deletes(spark):
    from holdfast.delta.tables import DeltaTable

    spark.createDataFrame([("a", 1), ("b", 2)], "id STRING, n INT").write.saveAsTable("t")
    news = spark.createDataFrame([("b", 20), ("c", 30)], "id STRING, n INT").alias("u")
    table = DeltaTable.forName(spark, "t").alias("s")
    table.merge(source=news, condition="s.id = u.id").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()
    assert sorted(map(tuple, table.toDF().collect())) == [("a", 1), ("b", 20), ("c", 30)]
    merge = table.merge(news, "s.`id` = u.id").whenMatchedUpdate(col("u.n") > 20, {"s.n": "s.n + u.n"})
    merge.whenNotMatchedBySourceDelete().execute()
    assert sorted(map(tuple, table.toDF().collect())) == [("b", 20), ("c", 60)]
    assert table.toDF().dtypes == [("id", "string"), ("n", "int")]


def test_a_row_that_several_rows_of_the_source_match_is_refused(spark):
    from holdfast.delta.tables import DeltaTable

    spark.createDataFrame([("a", 1)], "id STRING, n INT").write.saveAsTable("t")
    news = spark.createDataFrame([("a", 2), ("a", 3)], "id STRING, n INT").alias("u")
    merge = DeltaTable.forName(spark, "t").alias("s").merge(news, "s.id = u.id")
    with pytest.raises(UnsupportedOperationException, match="several rows"):
        merge.whenMatchedUpdateAll().execute()
    with pytest.raises(PySparkNotImplementedError, match="DeltaTable.vacuum"):
        DeltaTable.forName(spark, "t").vacuum()


def test_a_merge_is_given_up_when_another_writer_was_at_the_table(spark, monkeypatch):
    from holdfast.delta import tables
    from holdfast.delta.exceptions import ConcurrentAppendException

    spark.createDataFrame([("a", 1)], "id STRING, n INT").write.saveAsTable("t")
    news = spark.createDataFrame([("b", 2)], "id STRING, n INT")
    table = tables.DeltaTable.forName(spark, "t")
    merge = table.merge(news.alias("u"), "__target.id = u.id").whenNotMatchedInsertAll()
    read = tables.DeltaTable.toDF

    def slow(target):
        rows = spark.createDataFrame(read(target).toPandas(), read(target).schema)
        other = spark.createDataFrame([("c", 3)], "id STRING, n INT")
        other.write.format("delta").mode("append").save(target._location)
        return rows

    monkeypatch.setattr(tables.DeltaTable, "toDF", slow)
    with pytest.raises(ConcurrentAppendException, match="from another writer"):
        merge.execute()
    monkeypatch.undo()
    assert sorted(map(tuple, table.toDF().collect())) == [("a", 1), ("c", 3)]
    merge.execute()
    assert sorted(map(tuple, table.toDF().collect())) == [("a", 1), ("b", 2), ("c", 3)]


def test_delta_means_ours_but_for_a_module_of_the_user(tmp_path):
    text = "import holdfast.pyspark, delta\nfrom delta.tables import DeltaTable\nprint(delta.__file__)"
    (tmp_path / "delta").mkdir()  # a folder of data
    assert "holdfast" in python(tmp_path, "-c", text).stdout
    (tmp_path / "delta.py").write_text("mine = 1")
    assert python(tmp_path, "-c", "import holdfast.pyspark, delta; print(delta.mine)").stdout == "1\n"


# ---- Streams -------------------------------------------------------------------------------


def test_streams_of_different_types_are_united_as_by_coalesce(spark, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.json").write_text('{"k": "x", "at": "2024-01-01T00:00:00Z", "n": 1}\n')
    a = spark.readStream.schema("k STRING, at TIMESTAMP, n INT").json(str(tmp_path / "a"))
    b = spark.readStream.schema("k STRING, at TIMESTAMP, n INT").json(str(tmp_path / "b"))
    first = a.select("k", lit(None).alias("at"), "n", lit("a").alias("source"))
    united = first.union(b.select("k", "at", col("n").cast("bigint"), lit("b")))
    assert united.dtypes == [("k", "string"), ("at", "timestamp"), ("n", "bigint"), ("source", "string")]
    counted = united.groupBy("k").transformWithState(Count(), "k STRING, n BIGINT", "update", "none")
    assert results(counted) == [("x", 2)]


def test_options_that_a_rate_source_lacks_change_nothing_and_are_told(spark):
    with pytest.warns(UserWarning, match="rate source has no option timeColumn"):
        frame = spark.readStream.format("rate").option("rowsPerSecond", 2).option("timeColumn", "t").load()
    assert frame.columns == ["timestamp", "value"]


def test_duplicates_within_the_watermark_are_dropped_and_forgotten_later(spark, tmp_path):
    (tmp_path / "in").mkdir()

    def arrive(number, *events):
        lines = (f'{{"id": "{name}", "at": "2024-01-01T{at}:00Z", "k": "x"}}\n' for name, at in events)
        (tmp_path / "in" / f"{number}.json").write_text("".join(lines))

    arrive(1, ("e1", "10:00"), ("e1", "10:01"), ("e2", "10:02"))
    arrive(2, ("e1", "10:30"), ("e3", "13:00"))
    arrive(3, ("e1", "13:01"))  # its time is over, but it is forgotten behind the rows of a batch, as in Spark
    arrive(4, ("e1", "13:02"))
    stream = spark.readStream.schema("id STRING, at TIMESTAMP, k STRING").option("maxFilesPerTrigger", 1)
    once = stream.json(str(tmp_path / "in")).withWatermark("at", "1 hour").dropDuplicatesWithinWatermark(["id"])
    counted = once.groupBy("k").transformWithState(Count(), "k STRING, n BIGINT", "update", "eventTime")
    assert results(counted) == [("x", 2), ("x", 3), ("x", 4)]


def test_duplicates_without_an_event_time(spark, tmp_path):
    (tmp_path / "in").mkdir()
    stream = spark.readStream.schema("id STRING, at TIMESTAMP").option("maxFilesPerTrigger", "1")
    once = stream.json(str(tmp_path / "in")).withWatermark("at", "1 hour").dropDuplicatesWithinWatermark(["id"])
    for number, line in enumerate(('{"id": "a"}\n{"id": "a"}', '{"id": "b", "at": "2026-01-01T00:00:00Z"}',
                                   '{"id": "c"}\n{"id": "c"}', '{"id": "c"}')):  # fmt: skip
        (tmp_path / "in" / f"{number}.json").write_text(line)
    rows = []
    query = once.writeStream.foreachBatch(lambda batch, _: rows.extend(row.id for row in batch.collect()))
    query.trigger(availableNow=True).start().awaitTermination()
    # As those of 1970, which the watermark has passed from the second batch on: forgotten when their batch is over.
    assert sorted(rows) == ["a", "b", "c", "c"]


def test_dropping_duplicates_within_the_watermark_wants_a_stream_with_one(spark, tmp_path):
    stream = spark.readStream.schema("id STRING, at TIMESTAMP").json(str(tmp_path))
    with pytest.raises(AnalysisException, match="without watermark"):
        stream.dropDuplicatesWithinWatermark(["id"])
    with pytest.raises(AnalysisException, match="batch"):
        spark.range(1).dropDuplicatesWithinWatermark()


def test_the_default_place_of_checkpoints_is_a_known_setting(spark, recwarn):
    spark.conf.set("spark.sql.streaming.checkpointLocation", "/tmp/x")
    assert not recwarn.list


# ---- The end of a notebook -----------------------------------------------------------------

STREAM = """
from pyspark.sql import Row
from pyspark.sql.streaming import StatefulProcessor

class Count(StatefulProcessor):
    def init(self, handle):
        self.n = handle.getValueState("n", "n INT")
    def handleInputRows(self, key, rows, timerValues):
        yield Row(k=key[0], n=BODY)
    def close(self):
        pass

import os
os.makedirs("in")
open("in/1.json", "w").write('{"k": "a"}')
counts = spark.readStream.schema("k STRING").json("in").groupBy("k").transformWithState(
    Count(), "k STRING, n INT", "append", "none").writeStream.format("json").option("checkpointLocation", "c")
counts.TRIGGER.start("out")
"""


def notebook(tmp_path, trigger, body):
    (tmp_path / "n.py").write_text(source_notebook(STREAM.replace("TRIGGER", trigger).replace("BODY", body)))
    return run(tmp_path, ["-m", "holdfast.cli", "n.py"])


def test_a_notebook_waits_for_queries_that_end_by_themselves(tmp_path):
    done = notebook(tmp_path, "trigger(availableNow=True)", "1")
    assert done.returncode == 0 and "left running" not in done.stderr, done.stderr
    assert "".join(path.read_text() for path in (tmp_path / "out").glob("*.json")) == '{"k":"a","n":1}\n'


def test_a_notebook_fails_with_a_query_that_no_cell_asked_about(tmp_path):
    done = notebook(tmp_path, "trigger(once=True)", "1 / 0")
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr


def test_code_in_a_cell_of_text_is_told(tmp_path):
    (tmp_path / "n.py").write_text("# Databricks notebook source\n# MAGIC %md\n# MAGIC # Title\n\na = 1\nprint(a)\n")
    done = run(tmp_path, ["-m", "holdfast.cli", "n.py"])
    assert done.returncode == 0 and done.stdout == ""
    assert "2 lines without # MAGIC stand in a cell of text" in done.stderr


# ---- Rows and SQL --------------------------------------------------------------------------------------------------


def test_a_text_column_takes_numbers_as_in_pyspark(spark):
    frame = spark.createDataFrame([(1,), (True,), (1.5,), (1e20,), ("a",), (None,)], "s STRING")
    assert [row["s"] for row in frame.collect()] == ["1", "true", "1.5", "1e+20", "a", None]


def test_unix_timestamp_of_a_sql_text_counts_seconds(spark):
    frame = spark.createDataFrame([(datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc),)], "t TIMESTAMP")
    frame.createOrReplaceTempView("moments")
    found = spark.sql("SELECT unix_timestamp(t) - 1 AS n FROM moments")
    assert [tuple(row) for row in found.collect()] == [(1704067199,)]


def test_a_state_store_that_is_not_offered_is_refused_when_the_query_starts(spark):
    hdfs = "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider"
    spark.conf.set("spark.sql.streaming.stateStore.providerClass", hdfs)
    counted = spark.readStream.format("rate").load().groupBy("value").transformWithState(
        Count(), "k BIGINT, n BIGINT", "update", "none"
    )
    query = counted.writeStream.format("console").start()
    with pytest.raises(StreamingQueryException, match="STORE_BACKEND_NOT_SUPPORTED_FOR_TWS"):
        query.awaitTermination()

# SPDX-License-Identifier: Apache-2.0
"""spark.sql: what names mean, what is refused, and what is told when; insertInto beside it."""

import datetime

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")

from holdfast.errors import (  # noqa: E402
    AnalysisException,
    IllegalArgumentException,
    ParseException,
    PySparkNotImplementedError,
    PySparkTypeError,
    PySparkValueError,
    TempTableAlreadyExistsException,
)
from holdfast.sql import SparkSession, duck  # noqa: E402
from holdfast.sql import functions as F  # noqa: E402


@pytest.fixture
def spark(tmp_path):
    session = SparkSession.builder.getOrCreate()
    before = session.conf.get("spark.sql.warehouse.dir")
    zone = session.conf.get("spark.sql.session.timeZone")
    session.conf.set("spark.sql.warehouse.dir", str(tmp_path / "warehouse"))
    session.range(3).selectExpr("CAST(id AS INT) AS n").createOrReplaceTempView("v")
    session.range(2).selectExpr("CAST(id AS INT) AS m").createOrReplaceTempView("w")
    yield session
    session.conf.set("spark.sql.warehouse.dir", before)
    session.conf.set("spark.sql.session.timeZone", zone)
    session.catalog.setCurrentDatabase("spark_catalog.default")
    for name in ("v", "w"):
        session.catalog.dropTempView(name)


def rows(frame):
    return [tuple(row) for row in frame.collect()]


# ---- What is refused, at once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    """UPDATE t SET a = 1
    DELETE FROM t WHERE a = 1
    TRUNCATE TABLE t
    ALTER TABLE t ADD COLUMN b INT
    MERGE INTO t USING v ON t.a = v.n WHEN MATCHED THEN DELETE
    OPTIMIZE t
    DROP TABLE t PURGE
    DROP TABLE delta.`/tmp/t`
    INSERT INTO t PARTITION (a = 1) VALUES (1)
    CREATE TABLE u USING delta PARTITIONED BY (n) AS SELECT n FROM v
    CREATE GLOBAL TEMPORARY VIEW g AS SELECT 1
    SET TIME ZONE LOCAL
    SHOW FUNCTIONS
    DESCRIBE HISTORY t
    EXPLAIN SELECT 1""".split("\n"),
)
def test_statements_that_are_lacking_are_refused(spark, text):
    with pytest.raises(PySparkNotImplementedError):
        spark.sql(text.strip())


@pytest.mark.parametrize(
    "text, error",
    [
        ("SELEC nonsense", ParseException),
        ("", ParseException),
        ("SELECT FROM WHERE", ParseException),
        ("SELECT nosuch FROM v", AnalysisException),
        ("SELECT 1 FROM no_such_table", AnalysisException),
        ("WITH x AS (SELECT n FROM v) DELETE FROM v", AnalysisException),
        ("CREATE VIEW bad AS SELECT nosuch FROM v", AnalysisException),
        ("CREATE OR REPLACE TEMP VIEW bad AS SELECT nosuch FROM v", AnalysisException),
    ],
)
def test_mistakes_are_told_at_the_call(spark, text, error):
    with pytest.raises(error):
        spark.sql(text)


def test_a_view_s_text_is_a_query(spark):
    spark.sql("CREATE TABLE t (a INT)")
    with pytest.raises(PySparkNotImplementedError):
        spark.sql("CREATE VIEW bad AS DROP TABLE t")
    assert spark.catalog.tableExists("t")


# ---- What names mean ------------------------------------------------------------------------------------------------


def test_names_mean_what_they_meant_at_the_call(spark):
    query = spark.sql("SELECT n FROM v")
    spark.range(5).selectExpr("CAST(id AS INT) AS n").createOrReplaceTempView("v")
    assert rows(query) == [(0,), (1,), (2,)]
    spark.sql("SELECT n + 1 AS n FROM v").createOrReplaceTempView("v")
    assert rows(spark.table("v")) == [(1,), (2,), (3,), (4,), (5,)]


def test_a_view_without_replace_replaces_none(spark):
    with pytest.raises(TempTableAlreadyExistsException):
        spark.sql("CREATE TEMP VIEW v AS SELECT 1 AS n")


def test_a_stored_view_looks_where_it_was_made(spark):
    spark.sql("CREATE SCHEMA other")
    spark.sql("CREATE TABLE other.t AS SELECT 7 AS a")
    spark.sql("USE other")
    spark.sql("CREATE VIEW seen AS SELECT a FROM t")
    spark.sql("USE default")
    assert rows(spark.sql("SELECT a FROM other.seen")) == [(7,)]
    assert spark.catalog.currentDatabase() == "default"


def test_a_stored_view_that_reads_itself_is_refused(spark):
    spark.sql("CREATE VIEW one AS SELECT n FROM v")
    spark.sql("CREATE VIEW two AS SELECT n FROM one")
    for text in ("SELECT n FROM one", "SELECT n FROM two"):
        with pytest.raises(AnalysisException) as error:
            spark.sql(f"CREATE OR REPLACE VIEW one AS {text}")
        assert error.value.getCondition() == "RECURSIVE_VIEW"
    assert rows(spark.sql("SELECT n FROM two LIMIT 1")) == [(0,)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("SELECT count(*) FROM w, v", [(6,)]),
        ("SELECT count(*) FROM w AS a, (SELECT n FROM v WHERE n > 0) b, v", [(12,)]),
        ("SELECT n FROM (v JOIN w ON n = m) ORDER BY n, m", [(0,), (1,)]),
        ("SELECT n FROM v WHERE n IS DISTINCT FROM 1", [(0,), (2,)]),
        ("SELECT extract(year FROM d) FROM (SELECT date'2020-01-02' AS d)", [(2020,)]),
        ("SELECT substring(t FROM 2) FROM (SELECT 'abc' AS t)", [("bc",)]),
        ("WITH x AS (SELECT n FROM v), y (k) AS (SELECT m FROM w) SELECT n, k FROM x, y WHERE n = k", [(0, 0), (1, 1)]),
        ("-- how many\nSELECT count(*) /* all */ FROM v;", [(3,)]),
        ("FROM v SELECT n LIMIT 1", [(0,)]),
        ("VALUES (1), (2)", [(1,), (2,)]),
        ("(SELECT 1 AS n)", [(1,)]),
        ("SELECT max(n) AS `a``b` FROM `v`", [(2,)]),
    ],
)
def test_tables_are_found(spark, text, expected):
    assert rows(spark.sql(text)) == expected


def test_a_name_in_backticks(spark):
    assert spark.sql("SELECT max(n) AS `a``b` FROM v").columns == ["a`b"]
    spark.range(1).write.format("delta").save(spark.conf.get("spark.sql.warehouse.dir") + "/files/of")
    path = spark.conf.get("spark.sql.warehouse.dir") + "/files/of"
    assert rows(spark.sql(f"SELECT id FROM delta.`{path}`")) == [(0,)]
    assert rows(spark.table(f"delta.`{path}`")) == [(0,)]


# ---- Values in braces -----------------------------------------------------------------------------------------------


def test_values_in_braces(spark):
    frame = spark.range(3)
    assert rows(spark.sql("SELECT {n} a, {s} b, {x} c", n=5, s="it's \\ a", x=None)) == [(5, "it's \\ a", None)]
    assert rows(spark.sql("SELECT {c} FROM {df} WHERE {df.id} >= {n}", c=frame.id, df=frame, n=1)) == [(1,), (2,)]
    assert rows(spark.sql("SELECT count(*) FROM {a} x, {b} y, {a} z", a=frame, b=spark.range(2))) == [(18,)]
    with pytest.raises(PySparkValueError):
        spark.sql("SELECT {c} FROM {df}", c=frame.id + 1, df=frame)
    with pytest.raises(PySparkTypeError, match="class date"):
        spark.sql("SELECT {d}", d=datetime.date(2020, 1, 2))
    with pytest.raises(KeyError):
        spark.sql("SELECT {n} {m}", n=1)


# ---- As in Spark, where DuckDB differs ------------------------------------------------------------------------------


def test_nulls_come_first(spark):
    spark.createDataFrame([(1,), (None,), (2,)], "a int").createOrReplaceTempView("w")
    assert rows(spark.sql("SELECT a FROM w ORDER BY a")) == [(None,), (1,), (2,)]
    assert rows(spark.sql("SELECT a FROM w ORDER BY a DESC")) == [(2,), (1,), (None,)]


def test_a_sum_of_integers_is_a_bigint(spark):
    made = spark.sql("SELECT count(*), sum(n), sum(n) + 1, avg(n) FROM v")
    assert made.columns == ["count(1)", "sum(n)", "(sum(n) + 1)", "avg(n)"]
    assert [kind for _, kind in made.dtypes] == ["bigint", "bigint", "bigint", "double"]
    assert rows(made) == [(3, 3, 4, 1.0)]


def test_texts_have_spark_s_escapes(spark):
    assert rows(spark.sql(r"""SELECT 'a\nb', "it's", 'it''s', r'\d', '\\d', "a\"b" """)) == [
        ("a\nb", "it's", "it's", "\\d", "\\d", 'a"b')
    ]


def test_a_query_reads_its_tables_once(spark, monkeypatch):
    asked = []
    query = duck.query
    made = spark.sql("SELECT n FROM v")
    monkeypatch.setattr(duck, "query", lambda sql, tables, zone="UTC": asked.append(sql) or query(sql, tables, zone))
    assert made.columns == ["n"] and len(made.collect()) == 3 and len(asked) == 1


# ---- Zones ----------------------------------------------------------------------------------------------------------


def test_a_zone_that_is_none_is_refused_when_it_is_set(spark):
    with pytest.raises(IllegalArgumentException) as error:
        spark.conf.set("spark.sql.session.timeZone", "nonsense")
    assert error.value.getCondition() == "INVALID_CONF_VALUE.TIME_ZONE"


def test_zones_that_are_offsets(spark):
    spark.conf.set("spark.sql.session.timeZone", "+02:00")
    frame = spark.range(1).select(F.lit(0).cast("timestamp").alias("t"))
    assert rows(frame.limit(1).sort("t").selectExpr("CAST(t AS STRING) AS t")) == [("1970-01-01 02:00:00",)]
    frame.createOrReplaceTempView("w")
    assert rows(spark.sql("SELECT hour(t) FROM w")) == [(2,)]
    assert str(frame.toPandas().iloc[0, 0]) == "1970-01-01 02:00:00"
    spark.conf.set("spark.sql.session.timeZone", "+05:30")
    assert rows(frame.limit(1).selectExpr("CAST(t AS BIGINT) AS t")) == [(0,)]
    with pytest.raises(PySparkNotImplementedError, match=r"in the time zone \+05:30"):
        spark.sql("SELECT 1")


def test_the_zone_of_show_and_to_pandas_is_that_of_the_call(spark, capsys):
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    frame = spark.range(1).select(F.lit(0).cast("timestamp").alias("t"))
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    frame.show()
    assert "|1970-01-01 00:00:00|" in capsys.readouterr().out
    assert str(frame.toPandas().iloc[0, 0]) == "1970-01-01 00:00:00"


# ---- Tables ---------------------------------------------------------------------------------------------------------


def test_create_table_as_leaves_a_table_that_is_there(spark):
    spark.sql("CREATE TABLE IF NOT EXISTS t AS SELECT n FROM v")
    spark.sql("CREATE TABLE IF NOT EXISTS t AS SELECT m FROM w")
    assert spark.table("t").columns == ["n"]
    with pytest.raises(AnalysisException):
        spark.sql("CREATE TABLE t AS SELECT m FROM w")


def test_insert_into_a_table(spark):
    spark.sql("CREATE TABLE t (a INT, b INT, s STRUCT<x: INT>)")
    spark.sql("INSERT INTO t (b, a) VALUES (2, 1)")
    assert rows(spark.table("t")) == [(1, 2, None)]
    spark.sql("CREATE TABLE u (a INT, b INT)")
    pair = spark.createDataFrame([(1, 2)], "b int, a int")
    pair.write.insertInto("u")
    pair.write.mode("ignore").insertInto("u")
    assert rows(spark.table("u")) == [(1, 2), (1, 2)]
    pair.write.mode("overwrite").insertInto("u")
    assert rows(spark.table("u")) == [(1, 2)]
    pair.write.mode("overwrite").insertInto("u", overwrite=False)
    assert rows(spark.table("u")) == [(1, 2), (1, 2)]
    pair.write.insertInto("u", overwrite=True)
    assert rows(spark.table("u")) == [(1, 2)]


def test_insert_into_is_refused(spark):
    spark.sql("CREATE TABLE u (a INT, b INT)")
    for frame, table, condition in (
        (spark.range(1), "absent", "TABLE_OR_VIEW_NOT_FOUND"),
        (spark.range(1), "u", "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS"),
        (spark.sql("SELECT 1, 2, 3"), "u", "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS"),
    ):
        with pytest.raises(AnalysisException) as error:
            frame.write.insertInto(table)
        assert error.value.getCondition() == condition
    with pytest.raises(AnalysisException):
        spark.sql("SELECT 1, 2").write.partitionBy("a").insertInto("u")
    assert not spark.catalog.tableExists("absent")

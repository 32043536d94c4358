# SPDX-License-Identifier: Apache-2.0
"""What DuckDB does for batch DataFrames: columns, types, nulls and metadata are those that PySpark 4.3.0 gives."""

from decimal import Decimal

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")

from holdfast.errors import AnalysisException, PySparkTypeError, PySparkValueError  # noqa: E402
from holdfast.sql import Row, SparkSession, duck  # noqa: E402
from holdfast.sql import functions as F  # noqa: E402
from holdfast.sql.streaming import StatefulProcessor  # noqa: E402
from holdfast.sql.types import IntegerType, LongType, NullType, StructField, StructType  # noqa: E402

spark = SparkSession.builder.getOrCreate()
NAN = float("nan")


def frame(rows, schema):
    return spark.createDataFrame(rows, schema)


def one_row(made):
    (row,) = made.collect()
    return tuple(row)


# ---- Aggregates -----------------------------------------------------------------------------------------------------


def test_an_average_of_decimals_is_exact():
    cents = frame([(Decimal(x),) for x in ("0.01", "0.02", "0.02")], "a decimal(10,2)")
    made = cents.agg(F.avg("a"), F.sum("a"), F.avg("a").cast("string"))
    assert one_row(made) == (Decimal("0.016667"), Decimal("0.05"), "0.016667")
    assert [kind for _, kind in made.dtypes] == ["decimal(14,6)", "decimal(20,2)", "string"]
    big = frame([("x", Decimal("1234567890123456789012345.67")), ("x", Decimal("0.01"))], "k string, a decimal(30,2)")
    assert big.groupBy("k").avg("a").collect() == [("x", Decimal("617283945061728394506172.840000"))]
    assert one_row(frame([], "a decimal(10,2)").agg(F.avg("a"))) == (None,)
    assert one_row(cents.agg(F.expr("avg(distinct a)"))) == (Decimal("0.015"),)


def test_rows_with_a_null_are_not_counted():
    rows = frame([(1, "a"), (2, None), (2, "a"), (2, "a")], "a int, b string")
    everything = rows.agg(F.countDistinct("*"))
    assert everything.columns == ["count(DISTINCT a, b)"] and one_row(everything) == (2,)
    assert one_row(rows.agg(F.countDistinct("a", "b"), F.expr("count(distinct *) c"))) == (2, 2)
    assert one_row(rows.agg(F.count("*"), F.count("b"), F.expr("count(a, b) c"))) == (4, 3, 3)
    assert rows.agg(F.count_if(F.col("a") > 1)).schema[0].dataType == LongType()


def test_null_is_least_within_structs_and_arrays():
    structs = frame([((None, 1),), ((5, 2),), (None,)], "s struct<ts:int,v:int>")
    assert one_row(structs.agg(F.max("s"), F.min("s"))) == (Row(ts=5, v=2), Row(ts=None, v=1))
    assert [row.s for row in structs.sort("s").collect()] == [None, (None, 1), (5, 2)]
    assert [row.s for row in structs.sort(F.desc("s")).collect()] == [(5, 2), (None, 1), None]
    arrays = frame([([None, 1],), ([5, 2],), ([5],)], "s array<int>")
    assert one_row(arrays.agg(F.max("s"), F.min("s"))) == ([5, 2], [None, 1])
    nested = frame([([(None, [1])],), ([(1, [None])],), ([(1, [0])],)], "s array<struct<a:int,b:array<int>>>")
    assert [row.s for row in nested.sort("s").collect()] == [[(None, [1])], [(1, [None])], [(1, [0])]]
    with pytest.raises(AnalysisException, match="maps have no order"):
        frame([({"a": 1},)], "m map<string,int>").sort("m")


def test_a_key_may_stand_once_more_among_the_aggregates():
    rows = frame([(1, "A"), (2, "A")], "n int, user string")
    assert rows.groupBy("user").agg(F.col("user"), F.sum("n")).columns == ["user", "user", "sum(n)"]
    assert rows.groupBy(F.lower("user")).agg(F.lower("user"), F.max("n")).collect() == [("a", "a", 2)]
    with pytest.raises(AnalysisException, match="no aggregate and no key"):
        rows.groupBy("user").agg(F.col("n"))


# ---- Columns of joins and unions ------------------------------------------------------------------------------------

LEFT = ([(1, 2, 3)], "x int, k int not null, y int")
RIGHT = ([(9, 2, 8)], "w int not null, k bigint not null, y int not null")


def described(made):
    return ", ".join(f"{one.name} {one.dataType.simpleString()}{'' if one.nullable else '!'}" for one in made.schema)


@pytest.mark.parametrize(
    "how, columns, rows",
    [
        ("inner", "k int!, x int, y int, w int!, y int!", [(2, 1, 3, 9, 8)]),
        ("left", "k int!, x int, y int, w int, y int", [(2, 1, 3, 9, 8)]),
        ("right", "k bigint!, x int, y int, w int!, y int!", [(2, 1, 3, 9, 8)]),
        ("outer", "k bigint, x int, y int, w int, y int", [(2, 1, 3, 9, 8)]),
        ("semi", "k int!, x int, y int", [(2, 1, 3)]),
        ("left_anti", "k int!, x int, y int", []),
    ],
)
def test_a_join_has_its_keys_first(how, columns, rows):
    made = frame(*LEFT).join(frame(*RIGHT), "k", how)
    assert described(made) == columns
    assert made.collect() == rows and made.limit(1).collect() == rows


def test_joins_of_several_columns_and_of_none():
    left, right = frame(*LEFT), frame(*RIGHT)
    both = left.join(right, ["Y", "k"], "outer").sort("y")
    assert both.collect() == [(3, 2, 1, None), (8, 2, None, 9)]
    for made in (left.join(right, how="cross"), left.join(right), left.crossJoin(right)):
        assert made.collect() == [(1, 2, 3, 9, 2, 8)] and made.columns == ["x", "k", "y", "w", "k", "y"]
    with pytest.raises(AnalysisException, match="the right side has 0: w, k, y") as error:
        left.join(right, ["x"])
    assert error.value.getCondition() == "UNRESOLVED_USING_COLUMN_FOR_JOIN"


def test_a_union_has_the_types_of_coalesce():
    made = frame([(1,)], "a int not null").union(frame([(1.5,)], "a double"))
    assert described(made) == "a double" and made.collect() == [(1.0,), (1.5,)]
    assert described(frame([(1,)], "a int not null").union(frame([(2,)], "b int not null"))) == "a int!"
    with pytest.raises(AnalysisException):
        frame([(1,)], "a int").union(frame([(True,)], "a boolean")).collect()


def test_a_union_by_name_loses_no_column():
    two, three = frame([(1, 2)], "a int, b int"), frame([(1, 2, 3)], "b int, a int, c int")
    with pytest.raises(AnalysisException) as error:
        two.unionByName(three)
    assert error.value.getCondition() == "NUM_COLUMNS_MISMATCH"
    assert two.unionByName(three, True).collect() == [(1, 2, None), (2, 1, 3)]
    odd = frame([(1, {"k": (2,)})], "a int, s map<string,struct<x:int>>")
    assert odd.unionByName(frame([(7,)], "a int"), True).collect() == [(1, {"k": (2,)}), (7, None)]


# ---- What a step keeps ----------------------------------------------------------------------------------------------


def test_steps_keep_nullability_metadata_and_columns_of_nulls():
    schema = StructType([StructField("n", IntegerType(), False, {"unit": "s"}), StructField("v", NullType())])
    rows = frame([(2, None), (1, None), (1, None)], schema)
    for made, expected in (
        (rows.limit(2), [(2, None), (1, None)]),
        (rows.offset(1), [(1, None), (1, None)]),
        (rows.sort("n"), [(1, None), (1, None), (2, None)]),
        (rows.distinct().sort("n"), [(1, None), (2, None)]),
        (rows.dropDuplicates(["n"]).sort("n"), [(1, None), (2, None)]),
        (rows.dropDuplicates().sort("n"), [(1, None), (2, None)]),
    ):
        assert made.schema == schema and made.schema["n"].metadata == {"unit": "s"}
        assert made.collect() == expected
        assert not made.toArrow().schema.field("n").nullable


def test_columns_of_one_name():
    rows = frame([(2, 1), (1, 2), (1, 2)], "a int, b int").select(F.col("a"), F.col("b").alias("a"))
    assert rows.distinct().sort(F.lit(1)).columns == ["a", "a"] and len(rows.distinct().collect()) == 2
    assert rows.limit(1).collect() == [(2, 1)]
    assert rows.toDF("x", "y").select("y", "x").first() == (1, 2)


def test_an_alias_carries_its_metadata():
    rows = frame([(1,)], "a int not null")
    noted = rows.select(F.col("a").alias("b", metadata={"x": 1}))
    assert noted.schema["b"].metadata == {"x": 1}
    assert rows.withColumn("c", F.col("a").alias("b", metadata={"x": 1})).schema["c"].metadata == {"x": 1}
    assert rows.withColumns({"c": F.col("a").alias("b", metadata={"x": 1})}).schema["c"].metadata == {"x": 1}
    assert noted.filter("b = 1").select("b").limit(1).schema["b"].metadata == {"x": 1}
    counted = noted.groupBy("b").agg(F.count("b").alias("n", metadata={"y": 2}))
    assert [one.metadata for one in counted.schema] == [{"x": 1}, {"y": 2}]


def test_a_schema_is_known_without_the_rows(monkeypatch):
    asked = []
    query = duck.query
    monkeypatch.setattr(duck, "query", lambda sql, tables, zone="UTC": asked.append(sql) or query(sql, tables, zone))
    made = spark.range(10)
    for _ in range(8):
        made = made.limit(5).filter("id >= 0")
    assert made.columns == ["id"] and not asked
    assert len(made.collect()) == 5 and len(asked) == 8


# ---- fillna and dropna ----------------------------------------------------------------------------------------------

GAPS = (
    [(1, 1.0, "a"), (None, NAN, None), (3, None, "b"), (None, None, None), (5, NAN, "x")],
    "a int, b double, c string",
)


def test_nan_is_filled_as_null_is():
    filled = frame(*GAPS).fillna(0)
    assert [tuple(row)[:2] for row in filled.collect()] == [(1, 1.0), (0, 0.0), (3, 0.0), (0, 0.0), (5, 0.0)]
    assert [row.c for row in filled.collect()] == ["a", None, "b", None, "x"]
    assert [row.b for row in frame(*GAPS).fillna({"b": 7, "c": 5}).collect()] == [1.0, 7.0, 7.0, 7.0, 7.0]
    assert [row.c for row in frame(*GAPS).fillna({"c": 5}).collect()] == ["a", "5", "b", "5", "x"]
    assert [row.a for row in frame(*GAPS).na.fill(1.9, "a").collect()] == [1, 1, 3, 1, 5]
    assert frame(*GAPS).fillna(1, ["c"]).collect()[1].c is None
    with pytest.raises(PySparkTypeError):
        frame(*GAPS).fillna([1])
    with pytest.raises(AnalysisException):
        frame(*GAPS).fillna(1, subset=["zz"])


def test_nan_is_dropped_as_null_is():
    def letters(made):
        return [row.c for row in made.collect()]

    assert letters(frame(*GAPS).dropna()) == ["a"]
    assert letters(frame(*GAPS).dropna("all")) == ["a", "b", "x"]
    assert letters(frame(*GAPS).dropna(thresh=2)) == ["a", "b", "x"]
    assert letters(frame(*GAPS).na.drop(subset="b")) == ["a"]
    with pytest.raises(PySparkValueError) as error:
        frame(*GAPS).dropna("foo")
    assert error.value.getCondition() == "VALUE_NOT_ALLOWED"
    with pytest.raises(PySparkTypeError):
        frame(*GAPS).dropna(subset=3)


# ---- Keys of a stateful processor -----------------------------------------------------------------------------------


def test_a_key_s_alias_that_is_a_column_already_is_refused():
    """PySpark 4.3.0 forgets the expression, and groups by the column."""
    rows = frame([(1, "A"), (2, "a")], "n int, user string")
    with pytest.raises(AnalysisException, match="names its key user as a column that is there"):
        rows.groupBy(F.lower("user").alias("user")).transformWithState(Counts(), "user string, n int", "update", "none")
    for key, expected in (
        (F.lower("user"), [("a", 2)]),
        (F.lower("user").alias("who"), [("a", 2)]),
        (F.col("USER"), [("A", 1), ("a", 1)]),
        (F.col("user").alias("USER"), [("A", 1), ("a", 1)]),
    ):
        made = rows.groupBy(key).transformWithState(Counts(), "user string, n int", "update", "none")
        assert sorted(made.collect()) == expected


class Counts(StatefulProcessor):
    def init(self, handle):
        pass

    def handleInputRows(self, key, rows, timerValues):
        yield Row(user=key[0], n=sum(1 for _ in rows))

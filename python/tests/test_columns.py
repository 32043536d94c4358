# SPDX-License-Identifier: Apache-2.0
"""Columns, without an engine: their SQL text is the one that Spark took for the same as PySpark's Column."""

import inspect
import os
import time

import pytest

from columns_golden import GOLDEN, OF_ROWS, expressions, observe, source_of
from holdfast import errors
from holdfast.sql import column as columns
from holdfast.sql import functions
from holdfast.sql.expression import Star, column_name
from holdfast.sql.functions.names import STARRED, UNSTARRED

NAMES = observe.scope("holdfast")

# Cases whose repr is not PySpark's, and why.
REPR_DIFFERS = {
    "bytes": "PySpark shows the address of an object of Java's",
    'col("g.*")': "Spark writes the star twice",
    "window(": "Spark fills in the slide and the start, with which the column would be nullable",
    "from_json(": "PySpark hands a schema over as JSON, Holdfast as DDL text",
    "uuid()": "Spark draws a seed; the engine draws the values itself",
}

# Cases whose name only the engine knows, and why. Holdfast's own is written where an inner alias shows in the name.
NAME_DIFFERS = {
    'col("h")+1': "Spark calls this date_add, for it knows the types",
    'col("h")-1': "Spark calls this date_sub, for it knows the types",
    'col("m")': "Spark shows a map's value as m[k], and without types it is taken for a field",
    "datetime.datetime(": "the literal is shown in the session's time zone",
    "expr(": "the text is shown as Spark writes it again",
    "window(": "the column is called window",
    "from_json(": "Spark shows no schema",
    'to_json(struct(col("i")': "Spark shows no options",
    'floor("j",1)': "with digits, Spark writes the name in small letters",
    'trim("u",lit(': "Spark shows TRIM(BOTH x FROM y)",
    "position(": "Spark shows the start",
    'substr("u",lit(2))': "Spark shows a length",
    'replace("u",lit("l"))': "Spark shows the empty text",
    "regexp_replace(": "Spark shows the position",
    "to_unix_timestamp(": "Spark shows the pattern",
    "unix_timestamp()": "Spark shows the pattern",
}


def why(differences, source):
    """The reason why a case differs, or None."""
    if "lit(b" in source or "==b" in source:
        source = "bytes " + source if differences is REPR_DIFFERS else source
    return next((reason for part, reason in differences.items() if part in source), None)


@pytest.fixture(autouse=True)
def in_the_zone_of_the_recording(monkeypatch):
    """Naive datetimes are in the zone of the process, so the recording knows which it was."""
    monkeypatch.setenv("TZ", GOLDEN["zone"])
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def made(case):
    return eval(case["source"], dict(NAMES))


@pytest.mark.parametrize("case", expressions(*OF_ROWS, "aggregates"), ids=source_of)
def test_text_is_the_one_that_spark_confirmed(case):
    assert columns.select_item(made(case)) == case["text"]


@pytest.mark.parametrize("case", expressions(*OF_ROWS, "aggregates", "volatile"), ids=source_of)
def test_repr_is_pysparks(case):
    reason = why(REPR_DIFFERS, case["source"])
    if reason and repr(made(case)) != case["repr"]:
        pytest.skip(reason)
    assert repr(made(case)) == case["repr"]


@pytest.mark.parametrize("case", expressions(*OF_ROWS, "volatile"), ids=source_of)
def test_name_is_sparks(case):
    node = made(case)._node
    reason = "a star has many names" if isinstance(node, Star) else why(NAME_DIFFERS, case["source"])
    if reason and column_name(node) != case["fields"][0]["name"]:
        pytest.skip(reason)
    assert column_name(node) == case["fields"][0]["name"]


@pytest.mark.parametrize("case", expressions("aggregates"), ids=source_of)
def test_split_aggregate_keeps_sparks_name(case):
    column = made(case)
    assert columns.has_aggregate(column)
    calls, rest = columns.split_aggregates(column, lambda i: f"_{i}")
    assert calls
    assert not columns.has_aggregate(rest)
    assert columns.output_name(rest) == case["fields"][0]["name"]


def test_split_aggregates_gives_calls_and_what_is_over_them():
    both = functions.sum(functions.col("a") + 1) / functions.count_distinct("b", "c")
    calls, rest = columns.split_aggregates(both, lambda i: f"agg {i}")
    assert [(call.function, call.distinct, [columns.condition(one) for one in call.arguments]) for call in calls] == [
        ("sum", False, ["(`a` + 1)"]),
        ("count", True, ["`b`", "`c`"]),
    ]
    assert columns.condition(rest) == "(`agg 0` / `agg 1`)"


def test_an_aggregate_in_an_aggregate_is_refused():
    with pytest.raises(errors.AnalysisException, match="NESTED_AGGREGATE_FUNCTION"):
        columns.split_aggregates(functions.sum(functions.max("a")), str)


@pytest.mark.parametrize("text", ["a + 1", "upper(max)", "sum(a) + 1", "sum(a", "max", "min(a) b c", "f(count(*))"])
def test_a_text_that_is_no_single_call_is_no_aggregate(text):
    assert not columns.has_aggregate(functions.expr(text))


def test_an_aggregate_in_a_text_may_hold_brackets_and_quotes():
    calls, rest = columns.split_aggregates(functions.expr("max(if(a = ')', (b), `c)`)) AS `x y`"), str)
    assert columns.condition(calls[0].arguments[0]) == "(if(a = ')', (b), `c)`))"
    assert columns.output_name(rest) == "x y"


@pytest.mark.parametrize("source, shown", GOLDEN["orders"], ids=lambda value: str(value))
def test_order_is_pysparks(source, shown):
    column = eval(source, dict(NAMES))
    assert repr(column) == shown
    key = columns.sort_key(column)
    assert ("DESC" in shown) == key.descending
    assert ("NULLS FIRST" in shown) == key.nulls_first


def test_without_a_direction_the_order_is_ascending_with_nulls_first():
    key = columns.sort_key(functions.col("a"))
    assert (key.descending, key.nulls_first) == (False, True)


def test_metadata_of_an_alias_is_kept():
    assert columns.output_metadata(functions.col("a").alias("b", metadata={"x": 1})) == {"x": 1}


def test_naive_datetime_is_in_the_zone_of_the_process(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    moment = NAMES["datetime"].datetime(2020, 7, 1, 12, 0)
    assert columns.select_item(functions.lit(moment)) == "TIMESTAMP'2020-07-01 03:00:00Z'"
    assert os.environ["TZ"] == "Asia/Tokyo"


@pytest.mark.parametrize("name", ["a`b", "a b", "select", "a.b", "é"])
def test_field_column_takes_any_name(name):
    assert columns.condition(columns.field_column(name)) == "`%s`" % name.replace("`", "``")


@pytest.mark.parametrize("name", ["", "a.", ".a", "a..b", "`a", "a`b`", "`a`b", "``"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(errors.AnalysisException, match="INVALID_ATTRIBUTE_NAME_SYNTAX"):
        functions.col(name)


def test_names_are_pysparks():
    assert sorted(functions.__all__) == GOLDEN["names"]["all"]
    assert set(STARRED + UNSTARRED) >= set(GOLDEN["names"]["signatures"])


def offered_functions():
    return [name for name in GOLDEN["names"]["signatures"] if name in functions._OFFERED]


@pytest.mark.parametrize("name", offered_functions())
def test_signature_is_pysparks(name):
    found = [
        [one.name, None if one.default is one.empty else repr(one.default)]
        for one in inspect.signature(getattr(functions, name)).parameters.values()
    ]
    assert found == GOLDEN["names"]["signatures"][name]


def test_what_is_lacking_is_refused_by_name_on_call():
    from holdfast.sql.functions import posexplode, udf

    for refused, name in ((posexplode, "posexplode"), (udf, "udf")):
        with pytest.raises(errors.PySparkNotImplementedError, match=f"The function {name} is not offered"):
            refused("a")


def test_a_name_that_pyspark_lacks_is_no_attribute():
    with pytest.raises(AttributeError):
        functions.nonsense
    with pytest.raises(ImportError):
        from holdfast.sql.functions import nonsense  # noqa: F401


def test_a_schema_of_json_may_itself_be_json():
    from holdfast.sql.types import ArrayType, IntegerType, StringType, StructType

    schema = StructType().add("a", IntegerType()).add("b", ArrayType(StringType()))
    expected = columns.select_item(functions.from_json("u", "a INT,b ARRAY<STRING>"))
    assert columns.select_item(functions.from_json("u", schema)) == expected
    assert columns.select_item(functions.from_json("u", schema.json())) == expected


def test_chance_without_a_seed_is_the_engines():
    assert columns.select_item(functions.rand()) == "rand()"
    assert columns.select_item(functions.uuid()) == "uuid()"
    assert columns.select_item(functions.rand(5)) == "rand(5L)"


def test_a_comparator_is_refused_by_name():
    with pytest.raises(errors.PySparkNotImplementedError, match="array_sort with a comparator"):
        functions.array_sort("u", lambda a, b: a)

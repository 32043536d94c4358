# SPDX-License-Identifier: Apache-2.0
"""Columns in a DataFrame: names, types, nullability and values are those that PySpark 4.3.0 gave.

What the engine refuses by name is skipped and says so.
"""

import time

import pytest

from columns_golden import GOLDEN, OF_ROWS, cases, expressions, observe, source_of
from holdfast.errors import PySparkNotImplementedError

sql = pytest.importorskip("holdfast.sql", reason="the extension holdfast._engine is not built")

NAMES = observe.scope("holdfast")
NOT_OFFERED = "HOLDFAST_UNPROVEN_EXPRESSION"

FLOATING = "a double is added up in another order"

# Cases in which Holdfast does otherwise, and why.
HASHED = "the entries of a map come in another order: PySpark's went through Java's HashMap"
DIFFERS = {
    'col("k").cast("string")': "bytes that are no UTF-8: Spark's collect puts other characters in their place",
    'col("*")': HASHED,
    'map_keys("m")': HASHED,
    'map_values("m")': HASHED,
    'element_at(array(lit("p"),lit("q")),(col("a")-col("a")+1).cast("int"))': (
        "Spark takes an index that is null for -1 where no element of the array can be null"
    ),
    'corr("a","l")': FLOATING,
}


@pytest.fixture(scope="module")
def frame():
    """The table of the cases, in the zone of the recording, for the session and for this process."""
    patch = pytest.MonkeyPatch()
    patch.setenv("TZ", GOLDEN["zone"])
    time.tzset()
    session = sql.SparkSession.builder.getOrCreate()
    before = session.conf.get("spark.sql.session.timeZone")
    session.conf.set("spark.sql.session.timeZone", GOLDEN["zone"])
    yield session.createDataFrame(cases.ROWS, cases.SCHEMA)
    session.conf.set("spark.sql.session.timeZone", before)
    patch.undo()
    time.tzset()


def condition_of(error):
    """The condition of the error, or its class where it has none."""
    known = getattr(error, "getCondition", None)
    return known() if known else type(error).__name__


def outcome(ask):
    """The schema that a frame has and its values, or the condition of its error, as the recorder writes them."""
    try:
        made = ask()
        found = {"fields": [{**field.jsonValue(), "metadata": {}} for field in made.schema.fields]}
    except Exception as error:
        if NOT_OFFERED in str(error) or isinstance(error, PySparkNotImplementedError):
            pytest.skip(f"not offered: {error}")
        return {"refused": condition_of(error)}
    try:
        found["rows"] = [observe.plain(tuple(row)) for row in made.collect()]
    except Exception as error:
        found["error"] = condition_of(error)
    return found


def compare(case, ask):
    found = outcome(ask)
    expected = {key: case[key] for key in ("fields", "rows", "error", "refused") if key in case}
    if case["source"] in DIFFERS:
        assert found != expected, "this is no difference any more"
        pytest.skip(DIFFERS[case["source"]])
    assert found == expected


@pytest.mark.parametrize("case", expressions(*OF_ROWS), ids=source_of)
def test_select_gives_what_pyspark_gave(case, frame):
    compare(case, lambda: frame.select(eval(case["source"], dict(NAMES))))


@pytest.mark.parametrize("case", expressions("aggregates"), ids=source_of)
def test_agg_gives_what_pyspark_gave(case, frame):
    compare(case, lambda: frame.agg(eval(case["source"], dict(NAMES))))


def test_datetimes_without_a_zone_are_in_that_of_the_process(frame, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    try:
        found = observe.evaluated(cases.IN_UTC, {**NAMES, "session": sql.SparkSession.builder.getOrCreate()})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found == GOLDEN["in_utc"]

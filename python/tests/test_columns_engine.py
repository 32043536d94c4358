# SPDX-License-Identifier: Apache-2.0
"""Columns in a DataFrame: names, types, nullability and values are those that PySpark 4.3.0 gave.

What the engine refuses by name is skipped and says so.
"""

import time

import pytest

from columns_golden import GOLDEN, OF_ROWS, cases, expressions, observe, source_of

sql = pytest.importorskip("holdfast.sql", reason="the extension holdfast._engine is not built")

NAMES = observe.scope("holdfast")
NOT_OFFERED = "HOLDFAST_UNPROVEN_EXPRESSION"

# Cases of which the engine does otherwise, and why.
DIFFERS = {}


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


def outcome(ask):
    """The schema that a frame has and its values, or the condition of its error, as the recorder writes them."""
    try:
        made = ask()
        found = {"fields": [{**field.jsonValue(), "metadata": {}} for field in made.schema.fields]}
    except Exception as error:
        if NOT_OFFERED in str(error):
            pytest.skip(f"not offered: {error}")
        return {"refused": error.getCondition()}
    try:
        found["rows"] = [observe.plain(tuple(row)) for row in made.collect()]
    except Exception as error:
        found["error"] = error.getCondition()
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

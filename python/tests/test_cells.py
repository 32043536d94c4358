# SPDX-License-Identifier: Apache-2.0
"""The same user code on Holdfast as on real PySpark: what it saw there is recorded in
test/spark_compat/python/golden."""

import importlib
import os
import pathlib
import sys
import time

import pandas
import pytest

HERE = pathlib.Path(__file__).resolve().parents[2] / "test/spark_compat/python"
sys.path.insert(0, str(HERE))

from cells.compare import Known, differences  # noqa: E402
from cells.known import KNOWN, KNOWN_PANDAS_3  # noqa: E402
from cells.query import Column, run, run_failing  # noqa: E402
from cells.suite import FILES, PANDAS, PROCESS_ZONE, of_pandas, queries, recorded  # noqa: E402

GOLDEN = {name: answers for name in FILES if (answers := recorded(name, str(PANDAS)))}
OF_PANDAS = {name: recorded(name, pandas.__version__) for name in FILES}
EVERY = int(os.environ.get("HOLDFAST_CELLS_EVERY", "10"))  # 1 asks every case
MEANT = KNOWN + (KNOWN_PANDAS_3 if int(pandas.__version__.split(".")[0]) >= 3 else [])
USED, REPLAYED = set(), set()  # known differences that were met, queries that were run
CASES = [(name, query) for name in GOLDEN for query in queries(name)]


def missing():
    """Why the queries cannot run, or nothing."""
    try:
        importlib.import_module("holdfast.pyspark")
        session = importlib.import_module("holdfast.sql")
    except ImportError as absent:
        return f"holdfast cannot be imported yet: {absent}"
    return None if hasattr(session, "SparkSession") else "holdfast.sql has no SparkSession yet"


@pytest.fixture(scope="session")
def spark():
    if reason := missing():
        pytest.skip(reason)
    from pyspark.sql import SparkSession

    session = SparkSession.builder.appName("cells").getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def process_zone(request):
    """The zone in which Python lives, as it was when the file was recorded."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = PROCESS_ZONE.get(request.param, "UTC")
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(
    "process_zone, name, query",
    [(name, name, query) for name, query in CASES],
    ids=[f"{name}-{query.name}" for name, query in CASES],
    indirect=["process_zone"],
)
def test_user_code_sees_what_it_sees_in_pyspark(spark, process_zone, name, query, tmp_path):
    golden = OF_PANDAS[name] if of_pandas(query) else GOLDEN[name]
    if golden is None:
        pytest.skip(f"not recorded with pandas {pandas.__version__}")
    if query.name not in golden:
        pytest.skip("not recorded yet")
    found = differences(golden[query.name], answered(spark, query, str(tmp_path), golden[query.name]))
    unknown = []
    for difference in found:
        covering = [known for known in MEANT if known.covers(name, query.name, difference)]
        USED.update(covering)
        if not covering:
            unknown.append("{}\n    Spark:    {}\n    Holdfast: {}".format(*difference))
    REPLAYED.add((name, query.name))
    assert not unknown, "\n" + "\n".join(unknown)


def answered(spark, query, home, expected):
    """What Holdfast answers. Of columns that Spark cannot convert every EVERYth is asked, since each takes a query."""
    if isinstance(query, Column):
        return run_failing(spark, query, home, expected, EVERY)
    return run(spark, query, home)


def test_every_known_difference_is_still_there():
    """An entry that covers nothing any more shall go."""
    if not {(name, query.name) for name, query in CASES} <= REPLAYED:
        pytest.skip("not every query was replayed")
    assert [known.reason for known in MEANT if known not in USED] == []


@pytest.mark.parametrize("name", GOLDEN)
def test_every_query_and_case_is_recorded(name):
    golden = GOLDEN[name]
    assert [query.name for query in queries(name)] == list(golden)
    for query in queries(name):
        if hasattr(query, "cases"):
            answer = golden[query.name]
            told = {one["case"] for part in ("seen", "fatal") for one in answer.get(part, [])}
            assert told == set(query.cases) or "failed" in answer, query.name


def test_a_difference_is_named_by_its_place():
    spark = {
        "seen": [{"call": "input", "key": "('a',)", "columns": {"c": "int64: [1]"}}],
        "failed": {"raised": "X", "python": ["a.E: b"]},
    }
    other = {"seen": [{"call": "input", "key": "('a',)", "columns": {"c": "float64: [1.0]"}}]}
    assert differences(spark, spark) == []
    assert ("0 input | columns | c", "int64: [1]", "float64: [1.0]") in differences(spark, other)
    assert [place for place, *_ in differences(spark, other)][1:] == [
        "failed | raised",
        "failed | condition",
        "failed | user's",
    ]


def test_wording_of_errors_is_not_compared_but_their_class_is():
    one = {"seen": [{"case": "c", "batch": 0, "seen": [{"raised": "E", "is": ["ValueError"], "message": "this"}]}]}
    same = {"seen": [{"case": "c", "batch": 0, "seen": [{"raised": "E", "is": ["ValueError"], "message": "that"}]}]}
    other = {"seen": [{"case": "c", "batch": 0, "seen": [{"raised": "F", "is": ["ValueError"], "message": "this"}]}]}
    assert differences(one, same) == []
    assert differences(one, other) == [("c | batch 0", "E ValueError None", "F ValueError None")]


def test_a_known_difference_covers_only_its_place():
    known = Known("a reason", "state", "^int$", "^int <- 1 ", spark=r"^\(None,\)$")
    difference = "int <- 1 | batch 0", "(None,)", "ValueError"
    assert known.covers("state", "int", difference) and all(one.reason for one in MEANT)
    assert not known.covers("state", "bigint", difference) and not known.covers(
        "state", "int", ("int <- 2 | batch 0", *difference[1:])
    )
    assert not known.covers("state", "int", ("int <- 1 | batch 0", "(1,)", "ValueError"))

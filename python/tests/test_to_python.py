# SPDX-License-Identifier: Apache-2.0
"""collect and toPandas give the values that PySpark 4.3.0 gives, and show prints them as Spark does."""

import datetime

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pd = pytest.importorskip("pandas")

from holdfast.sql import Row, SparkSession  # noqa: E402
from holdfast.sql import functions as F  # noqa: E402
from holdfast.sql.double_text import double_text, float_text  # noqa: E402

spark = SparkSession.builder.getOrCreate()
NOON = datetime.datetime(2020, 1, 1, 12)

# Type, value, and the repr of the column in pandas, where it has the value and then a null.
IN_PANDAS = [
    ("array<int>", [1, None], "[array([ 1., nan]), None]"),
    ("struct<x:int>", (None,), "[{'x': None}, None]"),
    ("map<string,int>", {"k": None}, "[{'k': None}, None]"),
    ("array<boolean>", [True, None], "[array([True, None], dtype=object), None]"),
    ("array<date>", [NOON.date()], "[array([datetime.date(2020, 1, 1)], dtype=object), None]"),
    ("array<array<int>>", [[1, 2], [3]],
     "[array([array([1, 2], dtype=int32), array([3], dtype=int32)], dtype=object), None]"),
    ("struct<e:binary,f:array<int>>", (b"s", [1]), "[{'e': b's', 'f': array([1], dtype=int32)}, None]"),
    ("array<struct<x:int,y:string>>", [(1, "a")], "[array([{'x': 1, 'y': 'a'}], dtype=object), None]"),
    ("map<string,struct<p:int,q:array<int>>>", {"m": (1, [2])},
     "[{'m': {'p': 1, 'q': array([2], dtype=int32)}}, None]"),
    ("array<timestamp>", [NOON, None], "[array([Timestamp('2020-01-01 13:00:00'), NaT], dtype=object), None]"),
    ("map<string,timestamp>", {"k": NOON}, "[{'k': Timestamp('2020-01-01 13:00:00')}, None]"),
    ("map<int,array<timestamp>>", {1: [NOON]}, "[{1: array([Timestamp('2020-01-01 13:00:00')], dtype=object)}, None]"),
    ("struct<t:timestamp,u:timestamp>", (NOON, None), "[{'t': Timestamp('2020-01-01 13:00:00'), 'u': None}, None]"),
    ("timestamp", NOON, "[Timestamp('2020-01-01 13:00:00'), NaT]"),
    ("binary", b"x", "[b'x', None]"),
    ("boolean", True, "[True, None]"),
]  # fmt: skip


@pytest.fixture
def berlin(monkeypatch):
    """The session in Berlin, and the process in UTC."""
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    yield
    spark.conf.set("spark.sql.session.timeZone", before)
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("kind, value, expected", IN_PANDAS)
def test_values_in_pandas(berlin, kind, value, expected):
    column = spark.createDataFrame([(value,), (None,)], f"a {kind}").toPandas()["a"]
    assert repr(list(column)) == expected
    if kind == "timestamp":
        assert str(column.dtype) == ("datetime64[ns]" if pd.__version__ < "3" else "datetime64[us]")


def test_binaries_in_rows():
    schema = "a binary, b array<binary>, c map<string,binary>, d struct<e:binary>"
    (row,) = spark.createDataFrame([(bytearray(b"x"), [b"y"], {"k": b"z"}, (b"s",))], schema).collect()
    assert repr(row) == "Row(a=b'x', b=[b'y'], c={'k': b'z'}, d=Row(e=b's'))"
    assert isinstance(row.d, Row)


def shown(frame, capsys, **options):
    frame.show(**options)
    return [line.strip() for line in capsys.readouterr().out.splitlines()[3:-2]]


def test_floats_are_shown_by_their_own_digits(capsys):
    schema = "a float, b float, c double, d array<float>, e struct<x:float>"
    frame = spark.createDataFrame([(0.1, 1e10, 1e-5, [0.1], (0.2,))], schema)
    assert shown(frame, capsys) == ["|0.1|1.0E10|1.0E-5|[0.1]|{0.2}|"]


@pytest.mark.parametrize(
    "value, text",
    [(1.17549435e-38, "1.17549435E-38"), (3.4028234663852886e38, "3.4028235E38"), (16777216.0, "1.6777216E7"),
     (12345678.0, "1.2345678E7"), (0.10000000149011612, "0.1"), (-0.0, "-0.0"), (float("-inf"), "-Infinity"),
     (float("nan"), "NaN"), (100.0, "100.0")],
)  # fmt: skip
def test_the_text_of_a_float(value, text):
    assert float_text(value) == text


@pytest.mark.parametrize(
    "value, text",
    [(1e7, "1.0E7"), (1e-3, "0.001"), (9.999e-4, "9.999E-4"), (-0.0, "-0.0"), (2e-3, "0.002"), (1e21, "1.0E21"),
     (1.2345678901234567e20, "1.2345678901234567E20"), (123456789.123, "1.23456789123E8"), (100.0, "100.0")],
)  # fmt: skip
def test_the_text_of_a_double(value, text):
    assert double_text(value) == text


def test_what_breaks_lines_is_escaped(capsys):
    frame = spark.createDataFrame([("a\nb\tc\rd",)], "a string")
    assert shown(frame, capsys) == [r"|a\nb\tc\rd|"]
    assert shown(frame, capsys, truncate=False) == [r"|a\nb\tc\rd|"]
    frame.show(vertical=True)
    assert r" a   | a\nb\tc\rd " in capsys.readouterr().out


def test_years_have_four_digits(capsys):
    made = F.lit("0999-01-02 03:04:05.5").cast("timestamp").alias("t"), F.lit("0001-02-03").cast("date").alias("d")
    assert shown(spark.range(1).select(*made), capsys, truncate=False) == ["|0999-01-02 03:04:05.5|0001-02-03|"]

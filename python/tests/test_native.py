# SPDX-License-Identifier: Apache-2.0
"""A processor in C++, compiled into a library of its own, in queries that are described in Python."""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from programs import PACKAGE  # noqa: E402

from holdfast.errors import IllegalArgumentException, PySparkException, StreamingQueryException  # noqa: E402
from holdfast.native import NativeProcessor  # noqa: E402
from holdfast.sql import Row, SparkSession  # noqa: E402
from holdfast.sql.streaming import StatefulProcessor  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test"))

SCHEMA = "user STRING, spent DOUBLE, page STRING"


def library_folder():
    """Where the extension found the C++ library."""
    with open("/proc/self/maps") as maps:
        return next(pathlib.Path(line.split(maxsplit=5)[-1].strip()).parent for line in maps if "/libholdfast.so" in line)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The processors of the tests of `holdfast run`: totals of a user's clicks, in several versions of the state."""
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    from support.shop import PROCESSORS

    folder = tmp_path_factory.mktemp("native")
    (folder / "shop.cc").write_text(PROCESSORS)
    packed = PACKAGE / "holdfast/include"
    headers = packed if packed.is_dir() else ROOT / "include"
    found = folder / "libshop.so"
    done = subprocess.run(
        [compiler, "-std=c++20", "-O0", "-shared", "-fPIC", f"-I{headers}", str(folder / "shop.cc"), "-o", str(found),
         f"-L{library_folder()}", "-lholdfast"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(found)


class Shop:
    """Clicks, a query over them into JSON files, and its checkpoint."""

    def __init__(self, folder):
        self.folder = folder
        self.spark = SparkSession.builder.getOrCreate()
        self.spark.conf.set("spark.sql.shuffle.partitions", "2")
        (folder / "in").mkdir()

    def clicks(self, *clicks):
        number = len(list((self.folder / "in").iterdir()))
        lines = (json.dumps({"user": user, "spent": spent, "page": page}) for user, spent, page in clicks)
        (self.folder / "in" / f"{number}.json").write_text("\n".join(lines))

    def start(self, processor, transform="transformWithState", output=None, steps=lambda frame: frame):
        stream = self.spark.readStream.schema(SCHEMA).json(str(self.folder / "in"))
        totals = getattr(steps(stream).groupBy("user"), transform)(processor, output, "append", "none")
        found = []
        writer = totals.writeStream.option("checkpointLocation", str(self.folder / "checkpoint"))
        query = writer.foreachBatch(lambda rows, batch: found.extend(rows.collect())).trigger(availableNow=True).start()
        return query, found

    def run(self, processor, **description):
        query, found = self.start(processor, **description)
        query.awaitTermination()
        return sorted(found)

    def state(self):
        rows = self.spark.read.format("statestore").load(str(self.folder / "checkpoint")).collect()
        return {row.key[0]: tuple(row.value) for row in rows}


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    made.clicks(("ann", 1.5, "home"), ("bob", 2.0, None), ("ann", 4.0, "cart"))
    return made


def test_its_output_has_the_columns_of_its_struct(library):
    schema = NativeProcessor(library, "TotalsV1").output_schema()
    assert [(one.name, one.dataType.simpleString()) for one in schema.fields] == [
        ("user", "string"), ("clicks", "bigint"), ("spent", "double")]  # fmt: skip


@pytest.mark.parametrize("transform", ["transformWithState", "transformWithStateInPandas"])
def test_it_runs_and_evolves(shop, library, transform):
    assert shop.run(NativeProcessor(library, "TotalsV1"), transform=transform) == [("ann", 2, 5.5), ("bob", 1, 2.0)]
    assert shop.state() == {"ann": (2, 5.5), "bob": (1, 2.0)}
    shop.clicks(("ann", 1.0, "end"))
    assert shop.run(NativeProcessor(library, "TotalsV2"), transform=transform) == [("ann", 3, 6.5)]
    assert shop.state() == {"ann": (3, 6.5, "end"), "bob": (1, 2.0, None)}


def test_steps_in_front_of_it(shop, library):
    found = shop.run(
        NativeProcessor(library, "TotalsV1"), steps=lambda frame: frame.filter("page IS NOT NULL").withColumn("spent", frame.spent * 2)
    )
    assert found == [("ann", 2, 11.0)]


def test_a_version_that_does_not_fit_is_refused_and_nothing_is_done(shop, library):
    shop.run(NativeProcessor(library, "TotalsV1"))
    shop.clicks(("ann", 1.0, "end"))
    query, found = shop.start(NativeProcessor(library, "TotalsNarrow"))
    with pytest.raises(StreamingQueryException, match="seen.clicks changes from INT to SMALLINT"):
        query.awaitTermination()
    assert found == [] and shop.state() == {"ann": (2, 5.5), "bob": (1, 2.0)}
    assert shop.run(NativeProcessor(library, "TotalsV1")) == [("ann", 3, 6.5)]


class TotalsInPython(StatefulProcessor):
    def init(self, handle):
        self.seen = handle.getValueState("seen", "clicks BIGINT, spent DOUBLE, last_page STRING")

    def handleInputRows(self, key, rows, timerValues):
        clicks, spent, page = self.seen.get() or (0, 0.0, None)
        for row in rows:
            clicks, spent, page = clicks + 1, spent + row.spent, row.page
        self.seen.update((clicks, spent, page))
        yield Row(user=key[0], clicks=clicks, spent=spent)


def test_python_goes_on_where_it_was_and_the_other_way_round(shop, library):
    shop.run(NativeProcessor(library, "TotalsV1"))
    shop.clicks(("ann", 1.0, "end"))
    output = "user STRING, clicks BIGINT, spent DOUBLE"
    assert shop.run(TotalsInPython(), output=output) == [("ann", 3, 6.5)]
    shop.clicks(("ann", 1.0, "again"), ("bob", 1.0, None))
    assert shop.run(NativeProcessor(library, "TotalsV2")) == [("ann", 4, 7.5), ("bob", 2, 3.0)]
    assert shop.state() == {"ann": (4, 7.5, "again"), "bob": (2, 3.0, None)}


def test_what_is_no_processor_is_named(shop, library, tmp_path):
    for named, name, told in (
        (library, "Nobody", "Nobody"),
        (library, "Ancient", "build it again"),
        (str(tmp_path / "no.so"), "TotalsV1", "no.so"),
        (__file__, "TotalsV1", "test_native.py"),
    ):
        with pytest.raises(PySparkException, match=told):
            shop.start(NativeProcessor(named, name))


def test_columns_that_it_needs_and_that_are_not_there(shop, library):
    with pytest.raises((IllegalArgumentException, StreamingQueryException), match="spent"):
        query, _ = shop.start(NativeProcessor(library, "TotalsV1"), steps=lambda frame: frame.drop("spent"))
        query.awaitTermination()

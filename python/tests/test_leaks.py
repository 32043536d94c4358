# SPDX-License-Identifier: Apache-2.0
"""Nothing is kept of what went through a query: the process does not grow from the second to the last third of many calls
and rows, and every object has the references that it had before. HOLDFAST_TEST_ALL=1 does ten times as much."""

import gc
import json
import os
import sys
import weakref

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pd = pytest.importorskip("pandas")

from streams import Counter, RowCounter, Stream  # noqa: E402

from holdfast.errors import PySparkRuntimeError, StreamingQueryException  # noqa: E402
from holdfast.sql import Row, SparkSession  # noqa: E402

MANY = 10 if os.environ.get("HOLDFAST_TEST_ALL") else 1
GROWTH_MAX = 3 << 19  # what allocators do on their own

seen = []  # the tests' processors are imported, not copied, so they share it with the tests


@pytest.fixture
def stream(tmp_path):
    seen.clear()
    yield Stream(tmp_path)
    seen.clear()


def resident():
    """Bytes of memory that the process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def assert_flat(sizes):
    """The sizes were taken in equal distances; what the first third needs is for warming up."""
    third = len(sizes) // 3
    assert len(sizes) >= 9
    growth = min(sizes[-third:]) - min(sizes[third : 2 * third])
    assert growth < GROWTH_MAX, [size >> 10 for size in sizes]


class Calls(Counter):
    """Ten calls on state, again and again."""

    rounds = 90_000 * MANY

    def handleInputRows(self, key, rows, timerValues):
        value, elements, entries = self.value, self.list, self.map
        text = "a text of some length, so that it is no small string"
        for turn in range(self.rounds):
            if turn % (self.rounds // 30) == 0:
                seen.append(resident())
            value.update((turn, text))
            value.get()
            value.exists()
            if turn % 10 == 0:
                elements.put([(1,), (2,)])
            elements.appendValue((turn,))
            elements.get()
            entries.updateValue((text,), (turn, True))
            entries.getValue((text,))
            list(entries.iterator())
            entries.containsKey(("none",))
            entries.removeKey(("none",))
        return iter(())


def test_a_million_calls_on_state(stream):
    stream.write("a")
    stream.run(Calls())
    assert_flat(seen)


class Refused(Counter):
    """Calls that fail."""

    rounds = 6_000 * MANY

    def handleInputRows(self, key, rows, timerValues):
        for turn in range(self.rounds):
            if turn % (self.rounds // 30) == 0:
                seen.append(resident())
            for call in (
                lambda: self.value.update((turn,)),
                lambda: self.value.update((1, object())),
                lambda: self.list.put([(1,), ("x",)]),
                lambda: self.map.updateValue(("x",), (1, "x")),
                lambda: self.handle.registerTimer(turn),
            ):
                try:
                    call()
                except PySparkRuntimeError:
                    pass
        return iter(())


def test_calls_that_are_refused(stream):
    stream.write("a")
    stream.run(Refused())
    assert_flat(seen)


class Objects(Counter):
    """Looks at the references of what it hands over."""

    def handleInputRows(self, key, rows, timerValues):
        text, row, big = "".join(["not ", "interned"]), Row(n=1, s="x"), 10**12
        given = [text, row, big, (text, 1), {"n": 1, "s": text}, [(1,)], (text,), (1, True)]
        before = [sys.getrefcount(one) for one in given]
        kept = [self.value.get(), list(self.list.get()), self.map.getValue((text,))]
        for _ in range(1000):
            self.value.update((1, text))
            self.value.update(row)
            self.value.update(given[4])
            self.list.put(given[5])
            self.list.appendValue((1,))
            self.list.appendList(given[5])
            self.map.updateValue(given[6], given[7])
            self.map.getValue(given[6])
            self.map.removeKey(given[6])
            for wrong in (big, given[3], text):
                try:
                    self.value.update((wrong, "x"))
                except PySparkRuntimeError:
                    pass
        del kept, wrong
        gc.collect()
        seen.append((before, [sys.getrefcount(one) for one in given]))
        return iter(())


def test_state_takes_no_references(stream):
    stream.write("a", "b")
    stream.run(Objects())
    assert len(seen) == 2
    for before, after in seen:
        assert before == after


class Watched(Counter):
    """Leaves weak references to what it was given and what it gave."""

    def handleInputRows(self, key, rows, timerValues):
        chunk = next(rows)
        made = pd.DataFrame({"k": [key[0]], "n": [len(chunk)]})
        seen.extend(weakref.ref(one) for one in (self, chunk, made))
        yield made


class WatchedWithError(Watched):
    def handleInputRows(self, key, rows, timerValues):
        yield from super().handleInputRows(key, rows, timerValues)
        raise ValueError("an end with an error")


def test_processors_and_frames_go_with_their_batch(stream):
    stream.write("a", "b")
    query = stream.start(Watched())
    query.awaitTermination()
    gc.collect()
    assert len(seen) == 6 and [ref for ref in seen if ref() is not None] == []


def test_processors_and_frames_of_a_failed_query_go_with_it(stream):
    stream.write("a", "b")
    query = stream.start(WatchedWithError())
    with pytest.raises(StreamingQueryException) as raised:
        query.awaitTermination()
    del raised, query
    stream.spark.streams.resetTerminated()
    gc.collect()
    assert len(seen) == 3 and [ref for ref in seen if ref() is not None] == []


class Pandas(Counter):
    def handleInputRows(self, key, rows, timerValues):
        total = sum(float(chunk["x"].sum()) for chunk in rows)
        yield pd.DataFrame({"k": [key[0]], "n": [self.count(int(total >= 0))]})


class Rows(RowCounter):
    def handleInputRows(self, key, rows, timerValues):
        for row in rows:
            yield Row(k=row.k, n=len(row.tags))
        self.count(1)


BATCHES = 30


KEYS = 500
ROWS_OF_A_KEY = 10 * MANY


def frame_of_batches(stream):
    """As many files as batches. The state has the same keys in all of them."""
    lines = [
        json.dumps({"k": f"key {key}", "x": key / 2, "tags": ["a", "b"], "s": {"t": f"text {key}"}}) + "\n" for key in range(KEYS)
    ]
    for number in range(BATCHES):
        (stream.folder / "in" / f"{number}.json").write_text("".join(lines * ROWS_OF_A_KEY))
    schema = "k STRING, x DOUBLE, tags ARRAY<STRING>, s STRUCT<t: STRING>"
    return stream.spark.readStream.schema(schema).option("maxFilesPerTrigger", 1).json(str(stream.folder / "in"))


@pytest.mark.parametrize("api", ["pandas", "rows"])
def test_rows_through_a_query(stream, api):
    groups = frame_of_batches(stream).groupBy("k")
    if api == "pandas":
        frame = groups.transformWithStateInPandas(Pandas(), "k STRING, n INT", "Append", "None")
    else:
        frame = groups.transformWithState(Rows(), "k STRING, n INT", "Append", "None")

    def each_batch(rows, batch):
        assert len(rows.collect()) == KEYS * (1 if api == "pandas" else ROWS_OF_A_KEY)
        seen.append(resident())

    stream.writer(frame).foreachBatch(each_batch).start().awaitTermination()
    assert len(seen) == BATCHES
    assert_flat(seen)


def test_frames_of_rows_that_are_there():
    spark = SparkSession.builder.getOrCreate()
    data = [(number, f"text {number}", [number] * 3) for number in range(1000)]
    sizes = []
    for _ in range(60 * MANY):
        frame = spark.createDataFrame(data, "n INT, s STRING, a ARRAY<INT>").selectExpr("n + 1 AS n", "s", "a").filter("n > 10")
        assert len(frame.collect()) == 990 and len(frame.toPandas()) == 990
        sizes.append(resident())
    assert_flat(sizes)


def test_queries_that_are_gone(tmp_path):
    sizes = []
    for number in range(12 * MANY):
        (tmp_path / str(number)).mkdir()
        stream = Stream(tmp_path / str(number))
        stream.write("a", "b")
        stream.run(Counter())
        stream.spark.streams.resetTerminated()
        del stream
        gc.collect()
        sizes.append(resident())
    assert_flat(sizes)

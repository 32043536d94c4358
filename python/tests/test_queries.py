# SPDX-License-Identifier: Apache-2.0
"""Queries, their sessions and their listeners, beside what user code does in a batch."""

import gc
import json
import threading
import time
import uuid

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pd = pytest.importorskip("pandas")

from streams import Counter, Stream  # noqa: E402

from holdfast.errors import PySparkNotImplementedError, StreamingQueryException  # noqa: E402
from holdfast.native import NativeProcessor  # noqa: E402
from holdfast.sql import SparkSession  # noqa: E402
from holdfast.sql.streaming import StreamingQueryListener  # noqa: E402


@pytest.fixture
def stream(tmp_path):
    made = Stream(tmp_path)
    yield made
    made.spark.stop()


class Bad(Counter):
    def handleInputRows(self, key, rows, timerValues):
        raise ValueError("mine")


class BadInit(Counter):
    def init(self, handle):
        raise ValueError("in init")


class Heard(StreamingQueryListener):
    def __init__(self):
        self.events = []

    def onQueryStarted(self, event):
        self.events.append(event)

    def onQueryProgress(self, event):
        self.events.append(event)

    def onQueryTerminated(self, event):
        self.events.append(event)

    def names(self):
        return [type(event).__name__ for event in self.events]


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# ---- Failures --------------------------------------------------------------------------------------------------------


def test_a_failure_that_the_program_handled_is_not_raised_again(stream):
    stream.write("a")
    query = stream.start(Bad())
    with pytest.raises(StreamingQueryException):
        query.awaitTermination()
    stream.spark.streams._finish()


def test_a_failure_that_nobody_asked_about_is_raised_at_the_end(stream):
    stream.write("a")
    stream.start(Bad())
    with pytest.raises(StreamingQueryException):
        stream.spark.streams._finish()


def test_a_query_whose_init_fails_is_one_that_began_and_ended(stream):
    heard = Heard()
    stream.spark.streams.addListener(heard)
    query = stream.start(BadInit())
    assert heard.names() == ["QueryStartedEvent", "QueryTerminatedEvent"]
    assert {str(event.id) for event in heard.events} == {query.id} and str(heard.events[0].runId) == query.runId
    assert "in init" in heard.events[1].exception and query.id in str(query.exception())


# ---- Sessions of batches ---------------------------------------------------------------------------------------------


def test_views_of_a_batch_are_those_of_its_query(tmp_path):
    seen = {}
    both_have_views = threading.Barrier(2)

    def batches(name):
        def take(batch, number):
            batch.createOrReplaceTempView("batch")
            both_have_views.wait(20)
            seen[name] = [row.k for row in batch.sparkSession.sql("SELECT k FROM batch").collect()]
            seen[name + " of all"] = [row.id for row in batch.sparkSession.table("common").collect()]
            batch.sparkSession.conf.set("holdfast.mine", name)

        return take

    queries = []
    for name in "ab":
        (tmp_path / name).mkdir()
        stream = Stream(tmp_path / name)
        stream.spark.range(1).createOrReplaceTempView("common")
        stream.write(name)
        queries.append(stream.writer(stream.frame(Counter())).foreachBatch(batches(name)).start())
    for query in queries:
        query.awaitTermination()
    assert seen == {"a": ["a"], "b": ["b"], "a of all": [0], "b of all": [0]}
    assert not stream.spark.catalog.tableExists("batch") and stream.spark.conf.get("holdfast.mine", None) is None
    stream.spark.stop()


def test_a_query_lives_though_nobody_keeps_its_session(tmp_path):
    stream = Stream(tmp_path)
    stream.spark = stream.spark.newSession()
    stream.write("a")
    writer = stream.frame(Counter()).writeStream.option("checkpointLocation", str(tmp_path / "checkpoint"))
    writer.format("json").start(str(tmp_path / "out"))
    del writer
    stream.spark = SparkSession.builder.getOrCreate()
    gc.collect()
    wait_for(lambda: stream.commits() == ["0"])
    stream.write("b")
    wait_for(lambda: stream.commits() == ["0", "1"])
    from holdfast.sql.streaming import query

    for one, _ in list(query._held):
        one.stop()


# ---- What is told of a query -----------------------------------------------------------------------------------------


def test_the_status_says_what_is_known(stream):
    stream.write("a")
    running = stream.writer(stream.frame(Counter())).trigger(processingTime="1 hour").format("json")
    query = running.start(str(stream.folder / "out"))
    assert query.status == {"message": "Running"} and query.status["message"] == "Running"
    for name in ("isTriggerActive", "isDataAvailable"):
        with pytest.raises(PySparkNotImplementedError, match=name):
            query.status[name]
    query.stop()
    assert query.status == {"message": "Stopped", "isDataAvailable": False, "isTriggerActive": False}
    stream.write("b")
    failed = stream.start(Bad())
    failed.exception() or wait_for(lambda: not failed.isActive)
    assert failed.status["message"].startswith("Terminated with exception: ") and "mine" in failed.status["message"]


def test_ids_of_a_progress_are_uuids_as_attributes_and_texts_as_keys(stream):
    stream.write("a")
    query = stream.start(Counter())
    query.awaitTermination()
    progress = query.lastProgress
    assert (progress.id, progress.runId) == (uuid.UUID(query.id), uuid.UUID(query.runId))
    assert (progress["id"], progress["runId"]) == (query.id, query.runId)
    assert json.loads(progress.json)["id"] == query.id and query.recentProgress[-1] == progress


# ---- Listeners -------------------------------------------------------------------------------------------------------


def test_a_listener_hears_as_often_as_it_was_added(stream):
    heard = Heard()
    stream.spark.streams.addListener(heard)
    stream.spark.streams.addListener(heard)
    stream.write("a")
    stream.run(Counter())
    wait_for(lambda: heard.names().count("QueryTerminatedEvent") == 2)
    assert heard.events[0].jobTags == set()
    stream.spark.streams.removeListener(heard)
    heard.events.clear()
    stream.run(Counter())
    wait_for(lambda: heard.names().count("QueryTerminatedEvent") == 1)
    stream.spark.streams.removeListener(heard)
    stream.spark.streams.removeListener(heard)
    heard.events.clear()
    stream.run(Counter())
    assert heard.events == []


def test_a_listener_goes_with_its_session(stream):
    heard = Heard()
    stream.spark.streams.addListener(heard)
    query = stream.writer(stream.frame(Counter())).trigger(processingTime="1 hour").format("json")
    query.start(str(stream.folder / "out"))
    stream.spark.stop()
    assert heard.names()[-1] == "QueryTerminatedEvent"
    heard.events.clear()
    stream.spark = SparkSession.builder.getOrCreate()
    stream.run(Counter())
    assert heard.events == []


def test_awaitAnyTermination_waits_for_queries_to_come(stream):
    streams = stream.spark.streams
    assert streams.awaitAnyTermination(0.1) is False
    ended = threading.Event()
    waiting = threading.Thread(target=lambda: (streams.awaitAnyTermination(), ended.set()))
    waiting.start()
    assert not ended.wait(0.2)
    stream.write("a")
    stream.run(Counter())
    assert ended.wait(20)
    waiting.join()


# ---- Descriptions ----------------------------------------------------------------------------------------------------


class Sizes(Counter):
    def handleInputRows(self, key, rows, timerValues):
        yield pd.DataFrame({"k": [key[0]], "n": [max(len(chunk) for chunk in rows)]})


def test_settings_are_those_of_the_start(stream):
    stream.write(*"aaaaa")
    writer = stream.writer(stream.frame(Sizes())).format("json")
    stream.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "2")
    writer.start(str(stream.folder / "out")).awaitTermination()
    assert stream.counts() == {"a": 2}


def test_a_reader_loads_again(stream):
    reader = stream.spark.readStream.schema("k STRING").format("cloudFiles")
    reader = reader.option("cloudFiles.format", "csv").option("path", str(stream.folder / "in"))
    assert reader.load()._plan == reader.load()._plan
    assert reader.load()._plan.inputs[0].format == "csv"


def test_what_a_native_processor_does_not_take_is_refused(stream):
    groups = stream.spark.readStream.schema("k STRING").json(str(stream.folder / "in")).groupBy("k")
    native = object.__new__(NativeProcessor)
    initial = stream.spark.range(1).groupBy("id")
    with pytest.raises(PySparkNotImplementedError, match="initialState"):
        groups.transformWithState(native, "k STRING", "append", "none", initial)
    with pytest.raises(PySparkNotImplementedError, match="eventTimeColumnName"):
        groups.transformWithState(native, "k STRING", "append", "none", None, "t")

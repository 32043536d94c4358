# SPDX-License-Identifier: Apache-2.0
"""The engine's threads in Python: what they keep, what they give back, and who is told of what went wrong on which."""

import decimal
import os
import socket
import sys
import threading
import time

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from programs import TESTS, python  # noqa: E402
from streams import RowCounter, Stream  # noqa: E402

from holdfast.errors import IllegalArgumentException, StreamingQueryException  # noqa: E402
from holdfast.sql import Row  # noqa: E402
from holdfast.sql.streaming import StreamingQueryListener  # noqa: E402


@pytest.fixture
def stream(tmp_path):
    made = Stream(tmp_path)
    made.write("a", "b", "a")
    return made


LINES = [f"line {number}" for number in range(400)]
handled, finished = [], threading.Event()


class Writer:
    """Imported and not copied, so that it tells the test."""

    def process(self, row):
        handled.append(row.k)
        if len(handled) == len(LINES):
            finished.set()


def test_each_line_under_the_real_time_trigger_is_handled_once(stream):
    server = socket.create_server(("localhost", 0))

    def serve():
        connection, _ = server.accept()
        with connection:
            for line in LINES:
                connection.sendall((line + "\n").encode())
                threading.Event().wait(0.002)
            finished.wait(30)

    class Echo(RowCounter):
        def handleInputRows(self, key, rows, timerValues):
            for row in rows:
                yield Row(k=key[0] if row.value == key[0] else f"{row.value} for {key[0]}", n=1)

    handled.clear()
    finished.clear()
    threading.Thread(target=serve, daemon=True).start()
    stream.spark.conf.set("spark.sql.shuffle.partitions", "2")
    host, port = server.getsockname()
    source = stream.spark.readStream.format("socket").option("host", host).option("port", port).load()
    frame = source.groupBy("value").transformWithState(Echo(), "k STRING, n INT", "update", "none")
    writer = frame.writeStream.outputMode("update").option("checkpointLocation", f"{stream.folder}/checkpoint")
    query = writer.foreach(Writer()).trigger(realTime="5 minutes").start()
    finished.wait(30)
    query._query.stop_now(True)
    assert sorted(handled) == sorted(LINES)


def open_files():
    return len(os.listdir("/proc/self/fd"))


def test_queries_that_have_ended_keep_no_threads_and_no_files(stream):
    stream.run(RowCounter())
    begin = len(os.listdir("/proc/self/task")), open_files()
    for _ in range(20):
        stream.run(RowCounter())
    assert len(os.listdir("/proc/self/task")) <= begin[0] + 3
    assert open_files() <= begin[1] + 5


def test_what_init_sets_for_its_thread_lasts(stream):
    class Precise(RowCounter):
        def init(self, handle):
            super().init(handle)
            decimal.getcontext().prec = 5

        def handleInputRows(self, key, rows, timerValues):
            yield Row(k=str(decimal.Decimal(1) / 3), n=1)

    stream.run(Precise())
    assert {row["k"] for row in stream.rows()} == {"0.33333"}


def test_the_cause_is_the_exception_of_the_message(stream):
    stream.spark.conf.set("spark.sql.shuffle.partitions", "4")
    stream.write(*(f"key {number}" for number in range(40)))

    class Fails(RowCounter):
        def handleInputRows(self, key, rows, timerValues):
            time.sleep(0.05)  # so that several partitions fail side by side
            raise ValueError(f"no {key[0]}!")

    for _ in range(5):
        with pytest.raises(StreamingQueryException) as failure:
            stream.run(Fails())
        assert f"ValueError: {failure.value.__cause__}" in str(failure.value)


def test_a_map_s_value_may_be_read_by_several_threads(stream):
    class Reads(RowCounter):
        def init(self, handle):
            self.map = handle.getMapState("map", "k STRING", "v STRUCT<x: INT, y: ARRAY<STRUCT<z: STRING>>>")

        def handleInputRows(self, key, rows, timerValues):
            values = [(1, [("text" * 20,)] * 30), (2, [("other",)])]
            wrong = []

            def use(number):
                for turn in range(300):
                    if number == 0:
                        self.map.updateValue(("k",), (values[turn % 2],))
                    elif self.map.getValue(("k",)).v.x not in (1, 2):
                        wrong.append(turn)

            self.map.updateValue(("k",), (values[0],))
            threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            yield Row(k=str(wrong), n=1)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        stream.run(Reads())
    finally:
        sys.setswitchinterval(interval)
    assert {row["k"] for row in stream.rows()} == {"[]"}


def test_waiting_for_all_within_a_callback_is_refused(stream):
    refused = []

    def wait(rows, batch):
        try:
            stream.spark.streams.active[0].processAllAvailable()
        except IllegalArgumentException as error:
            refused.append(str(error))

    query = stream.writer(stream.frame(RowCounter())).foreachBatch(wait).start()
    query.awaitTermination()
    assert len(refused) == 1 and "callback" in refused[0]


@pytest.mark.parametrize("text", ["ü" * 100, "\ud800"])
def test_texts_that_are_cut_or_no_utf_8_are_told(stream, text):
    class Fails(RowCounter):
        def handleInputRows(self, key, rows, timerValues):
            if text == "\ud800":
                raise ValueError(text)
            self.value.update((text, "x"))
            yield from ()

    with pytest.raises(StreamingQueryException) as failure:
        stream.run(Fails())
    assert ("\\ud800" if text == "\ud800" else "'üüü") in str(failure.value)


@pytest.mark.parametrize("name", ["onQueryStarted", "onQueryProgress", "onQueryTerminated"])
def test_a_child_forked_in_a_listener_ends_there(stream, name):
    class Forks(StreamingQueryListener):
        def onQueryStarted(self, event): ...
        def onQueryProgress(self, event): ...
        def onQueryTerminated(self, event): ...

    children = []

    def fork(self, event):
        child = os.fork()
        if child:
            children.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    setattr(Forks, name, fork)
    listener = Forks()
    stream.spark.streams.addListener(listener)
    try:
        stream.run(RowCounter())
    finally:
        stream.spark.streams.removeListener(listener)
    assert children == [1] and stream.counts() == {"a": 2, "b": 1}


def test_a_child_forked_by_the_script_ends_like_any_other(stream):
    script = f"""
import os, pathlib, sys
sys.path.insert(0, {str(TESTS)!r})
from streams import Counter, Stream
stream = Stream(pathlib.Path.cwd())
query = stream.writer(stream.frame(Counter())).trigger(processingTime="0 seconds").format("json").start("out")
child = os.fork()
if child == 0:
    sys.exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), query.isActive)
"""
    ran = python(stream.folder, "-c", script)
    assert ran.stdout == "3 True\n", ran.stderr


def test_a_null_in_a_column_that_is_not_null_is_refused_by_name(stream):
    class Nulls(RowCounter):
        def handleInputRows(self, key, rows, timerValues):
            yield Row(k=key[0], n=None)

    with pytest.raises(StreamingQueryException, match="null in the column n"):
        stream.run(Nulls(), output="k STRING, n INT NOT NULL")
    assert stream.commits() == []

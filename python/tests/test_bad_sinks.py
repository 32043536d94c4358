# SPDX-License-Identifier: Apache-2.0
"""User code behind the processor that is wrong: foreachBatch, foreach, listeners."""

import traceback

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from streams import Counter, Stream  # noqa: E402

from holdfast.errors import StreamingQueryException  # noqa: E402


class Mine(Exception):
    pass


def ends_with_mine(query):
    with pytest.raises(StreamingQueryException) as raised:
        query.awaitTermination()
    assert type(raised.value.__cause__) is Mine
    assert traceback.extract_tb(raised.value.__cause__.__traceback__)[-1].filename == __file__
    return raised.value


def test_an_exception_of_foreachBatch(tmp_path):
    stream = Stream(tmp_path)
    stream.write("a", "b")
    got = []

    def bad(rows, batch):
        raise Mine(f"in batch {batch}")

    failure = ends_with_mine(stream.writer(stream.frame(Counter())).foreachBatch(bad).start())
    assert "[FOREACH_BATCH_USER_FUNCTION_ERROR]" in str(failure)
    assert "Mine: in batch 0" in str(failure)
    assert stream.commits() == []
    good = stream.writer(stream.frame(Counter())).foreachBatch(lambda rows, batch: got.extend(rows.collect())).start()
    good.awaitTermination()
    assert got == [("a", 1), ("b", 1)] and stream.commits() == ["0"]


@pytest.mark.parametrize("thrown", [SystemExit, KeyboardInterrupt])
def test_the_end_of_a_program_in_foreachBatch(tmp_path, thrown):
    stream = Stream(tmp_path)
    stream.write("a")

    def bad(rows, batch):
        raise thrown()

    query = stream.writer(stream.frame(Counter())).foreachBatch(bad).start()
    with pytest.raises(StreamingQueryException) as raised:
        query.awaitTermination()
    assert type(raised.value.__cause__) is thrown and stream.commits() == []


got, closed = [], []  # for what is imported, not copied


class Bad:
    def open(self, partition, epoch):
        return True

    def process(self, row):
        if row.k == "b":
            raise Mine(f"row {row.k}")

    def close(self, error):
        closed.append(error)


def take(row):
    got.append(tuple(row))


def test_an_exception_of_foreach(tmp_path):
    stream = Stream(tmp_path)
    stream.write("a", "b")
    ends_with_mine(stream.writer(stream.frame(Counter())).foreach(Bad()).start())
    assert [type(error) for error in closed] == [Mine]
    assert stream.commits() == []
    stream.writer(stream.frame(Counter())).foreach(take).start().awaitTermination()
    assert got == [("a", 1), ("b", 1)]


def test_an_exception_of_a_listener_ends_nothing(tmp_path, capfd):
    from holdfast.sql.streaming import StreamingQueryListener

    class Bad(StreamingQueryListener):
        def onQueryStarted(self, event):
            raise Mine("in onQueryStarted")

        def onQueryProgress(self, event):
            raise SystemExit("in onQueryProgress")

        def onQueryTerminated(self, event):
            raise Mine("in onQueryTerminated")

    stream = Stream(tmp_path)
    stream.write("a")
    listener = Bad()
    stream.spark.streams.addListener(listener)
    try:
        stream.run(Counter())
    finally:
        stream.spark.streams.removeListener(listener)
    assert stream.commits() == ["0"]
    told = capfd.readouterr().err
    for function in ("onQueryStarted", "onQueryProgress", "onQueryTerminated"):
        assert f"in {function}" in told
